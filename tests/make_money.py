"""Builders of the money side: a company with a chart of accounts, a tax matrix, open periods and prices.

`firm()` makes what every posting needs, once per test; the other builders go through operations.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from servicemgmt.core.models import NumberSequence, User
from servicemgmt.inventory.models import Warehouse
from servicemgmt.ledger.models import (
    Account,
    FiscalPeriod,
    PostingProfile,
    PostingPurpose,
    TaxCode,
    TaxRate,
    TaxRule,
)
from servicemgmt.ledger.operations import create_fiscal_year
from servicemgmt.masterdata.models import (
    Company,
    Currency,
    Customer,
    CustomerTaxGroup,
    ExchangeRate,
    Item,
    ItemTaxGroup,
    PaymentTerm,
    Unit,
)
from servicemgmt.masterdata.operations import create_customer, create_item
from servicemgmt.projects.models import (
    Category,
    CostPrice,
    Coverage,
    Invoice,
    InvoiceProposal,
    LineKind,
    LineProperty,
    Project,
    ProjectGroup,
    SalesPrice,
    Transaction,
)
from servicemgmt.projects.operations import (
    Draft,
    create_project,
    make_proposals,
    post_proposal,
    post_transactions,
)

#: The day the tests play on, and a moment of it.
TODAY = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)

SEQUENCES = [
    ("customer", "C-", False),
    ("site", "ST-", False),
    ("employee", "E-", False),
    ("project", "P-", False),
    ("proposal", "IP-", False),
    ("voucher", "V-", True),
    ("invoice", "INV-", True),
    ("credit_note", "CN-", True),
    ("payment", "PAY-", True),
    ("reminder", "RM-", False),
]
KIND_OF = {"COST": "EXPENSE", "OFFSET": "LIABILITY", "REVENUE": "INCOME"}


def company_today() -> date:
    """Today on the clocks of the company that `firm` makes, whether it stands already or not."""
    return timezone.localdate(timezone=ZoneInfo("Europe/Berlin"))


def firm(currency: str = "EUR") -> Company:
    """The company with everything a posting needs: accounts of every purpose, taxes, the periods of 2026."""
    found = Company.objects.first()
    if found:
        return found
    NumberSequence.objects.bulk_create(
        [
            NumberSequence(code=code, description=code, prefix=prefix, is_gapless=gapless)
            for code, prefix, gapless in SEQUENCES
        ],
        ignore_conflicts=True,
    )
    digits = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
    Currency.objects.bulk_create(
        [Currency(code=code, description=code, digits=number) for code, number in digits.items()],
        ignore_conflicts=True,
    )
    currencies = Currency.objects.in_bulk(field_name="code")
    accounts = Account.objects.bulk_create(
        Account(
            code=str(number),
            description=purpose.title(),
            kind=KIND_OF.get(purpose.rpartition("_")[2], "ASSET"),
        )
        for number, purpose in enumerate(PostingPurpose.values, start=1000)
    )
    PostingProfile.objects.bulk_create(
        PostingProfile(purpose=purpose, account=account)
        for purpose, account in zip(PostingPurpose.values, accounts, strict=True)
    )
    _taxes()
    rates = {"USD": "0.800000000", "JPY": "0.006100000", "KWD": "2.987654321", "EUR": "1.137"}
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency=currencies[code], valid_from=date(2026, 1, 1), rate=Decimal(rate))
        for code, rate in rates.items()
        if code != currency
    )
    made = Company.objects.create(
        name="Seed & Sons GmbH", currency=currencies[currency], country="DE", tax_number="DE111111117"
    )
    if not FiscalPeriod.objects.exists():
        create_fiscal_year(2026, by=None)
    return made


def _taxes() -> None:
    customers = _groups(CustomerTaxGroup, "DOMESTIC", "ABROAD")
    items = _groups(ItemTaxGroup, "FULL", "REDUCED")
    reverse, _created = TaxCode.objects.get_or_create(
        code="RC",
        defaults={"description": "Reverse charge", "treatment": "AE", "printed_reason": "Reverse charge"},
    )
    percents = {"FULL": "19", "REDUCED": "7"}
    codes = TaxCode.objects.bulk_create(
        TaxCode(code=f"V{percent}", description=f"VAT {percent} %") for percent in percents.values()
    )
    TaxRate.objects.bulk_create(
        TaxRate(code=code, valid_from=date(2020, 1, 1), percent=Decimal(percent))
        for code, percent in zip(codes, percents.values(), strict=True)
    )
    domestic = [("DOMESTIC", items[group], code) for group, code in zip(percents, codes, strict=True)]
    abroad = [("ABROAD", group, reverse) for group in items.values()]
    TaxRule.objects.bulk_create(
        TaxRule(customer_group=customers[group], item_group=item, valid_from=date(2020, 1, 1), code=code)
        for group, item, code in [*domestic, *abroad]
    )


def _groups[Group: (CustomerTaxGroup, ItemTaxGroup)](model: type[Group], *codes: str) -> dict[str, Group]:
    """All groups by code, with those of these codes among them."""
    model.objects.bulk_create(
        [model(code=code, description=code.title()) for code in codes], ignore_conflicts=True
    )
    return model.objects.in_bulk(field_name="code")


def money(code: str) -> Currency:
    return Currency.objects.get(code=code)


def customer(
    name: str = "Huber", *, currency: str = "EUR", tax_group: str = "DOMESTIC", days: int = 14
) -> Customer:
    """A customer, made on first use of the name."""
    firm()
    found = Customer.objects.filter(name=name).first()
    if found:
        return found
    term, _created = PaymentTerm.objects.get_or_create(
        code=f"N{days}", defaults={"description": f"{days} days", "days": days}
    )
    return create_customer(
        by=None,
        name=name,
        street="Allee 1",
        postal_code="10435",
        city="Berlin",
        currency=money(currency),
        tax_group=CustomerTaxGroup.objects.get(code=tax_group),
        tax_number="DE999999995",
        payment_term=term,
    )


def item_tax_group(code: str) -> ItemTaxGroup:
    firm()
    return ItemTaxGroup.objects.get(code=code)


def line_property(coverage: str = Coverage.CHARGED, **fields: Any) -> LineProperty:
    row, _created = LineProperty.objects.get_or_create(
        code=fields.pop("code", coverage),
        defaults={"description": coverage.title(), "coverage": coverage, **fields},
    )
    return row


def category(kind: str = LineKind.HOUR, code: str = "", **fields: Any) -> Category:
    """The category of that code (its kind, unless named), made on first use."""
    firm()
    row, _created = Category.objects.get_or_create(
        code=code or kind,
        defaults={
            "description": (code or kind).title(),
            "kind": kind,
            "tax_group": ItemTaxGroup.objects.get(code="FULL"),
            **fields,
        },
    )
    return row


def project(name: str = "Lift service", *, by: User | None = None, **fields: Any) -> Project:
    """A time-and-material project of Huber's in EUR, unless told otherwise."""
    firm()
    group, _created = ProjectGroup.objects.get_or_create(code="SERVICE", defaults={"description": "Service"})
    owner = fields.pop("customer", None) or customer()
    defaults = {
        "group": group,
        "customer": owner,
        "invoice_customer": owner,
        "currency": owner.currency,
        "line_property": line_property(),
    }
    return create_project(by=by, name=name, **(defaults | fields))


def item(
    number: str = "F-100",
    *,
    cost: str = "10",
    sales: str = "25",
    stocked: bool = True,
    tracking: str = "NONE",
    kind: str = "ITEM",
) -> Item:
    firm()
    unit, _created = Unit.objects.get_or_create(code="PC", defaults={"description": "Piece", "decimals": 0})
    found = Item.objects.filter(number=number).first()
    return found or create_item(
        by=None,
        number=number,
        name=f"Part {number}",
        unit=unit,
        tax_group=ItemTaxGroup.objects.get(code="FULL"),
        is_stocked=stocked,
        tracking=tracking,
        kind=kind,
        cost_price=Decimal(cost),
        sales_price=Decimal(sales),
    )


def warehouse(code: str = "MAIN", **fields: Any) -> Warehouse:
    row, _created = Warehouse.objects.get_or_create(
        code=code, defaults={"description": code.title(), **fields}
    )
    return row


def cost_price(
    price: str, *, kind: str = LineKind.HOUR, valid_from: date = date(2026, 1, 1), **named: Any
) -> CostPrice:
    firm()
    return CostPrice.objects.create(kind=kind, price=Decimal(price), valid_from=valid_from, **named)


def sales_price(
    price: str,
    *,
    kind: str = LineKind.HOUR,
    currency: str = "EUR",
    valid_from: date = date(2026, 1, 1),
    **named: Any,
) -> SalesPrice:
    firm()
    return SalesPrice.objects.create(
        kind=kind, price=Decimal(price), valid_from=valid_from, currency=money(currency), **named
    )


def draft(on_project: Project, kind: str = LineKind.HOUR, **fields: Any) -> Draft:
    """A chargeable hour (cost 40, sales 90), or what the fields say."""
    defaults: dict[str, Any] = {
        "category": category(kind),
        "line_property": line_property(),
        "executed_on": TODAY,
        "quantity": Decimal(1),
        "text": f"A {kind.lower()}",
        "cost_price": None if kind == LineKind.FEE else Decimal(40),
        "sales_price": Decimal(90),
    }
    return Draft(kind=kind, project=on_project, **(defaults | fields))


def post(*drafts: Draft, on: date = TODAY, by: User | None = None) -> list[Transaction]:
    """Post drafts with one voucher."""
    return post_transactions(drafts, on=on, text="Work", subject="", label="", by=by, at=NOW)


def proposed(*drafts: Draft, invoice_date: date = TODAY) -> InvoiceProposal:
    """The one proposal of this work, posted first."""
    (made,) = make_proposals(post(*drafts), invoice_date=invoice_date, by=None, at=NOW)
    return made


def invoiced(*drafts: Draft, invoice_date: date = TODAY) -> Invoice:
    """The one invoice of this work."""
    proposal = proposed(*drafts, invoice_date=invoice_date)
    return post_proposal(proposal.pk, version=proposal.version, by=None, at=NOW)
