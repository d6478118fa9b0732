"""What makes the lives of the agreements: a template, prices of one's own, and a batch of prices for next year."""

from datetime import date, timedelta
from decimal import Decimal

from agreements.adjusting.operations import prepare
from agreements.models import AgreementStatus, ServiceInterval, ServiceTask, TemplateGroup, TimeWindow
from agreements.operations import add_line, create_agreement, relate_task
from agreements.pricing.operations import add_price, give_own_list
from servicemgmt.projects.models import Category, LineKind, SalesPrice

from .contracts import Contracts
from .masters import Masters
from .people import People

# description, category, type, hours or pieces
TEMPLATE = [
    ("Yearly inspection", "LABOUR", LineKind.HOUR, "2"),
    ("Way there and back", "TRAVEL", LineKind.HOUR, "1"),
]


def seed_lives(masters: Masters, contracts: Contracts, people: People, today: date) -> None:
    """A template to copy from; a quote nobody has answered yet; hours agreed for the first agreement; and what next
    year's prices would be."""
    by = people.users["Planner"]
    template = create_agreement(
        by=by,
        description="Yearly inspection",
        template_group=masters(TemplateGroup, "STANDARD"),
        project=None,
        start_date=date(today.year, 1, 1),
    )
    relation = relate_task(template.pk, masters(ServiceTask, "INSPECT"), by=by)
    for description, category, kind, quantity in TEMPLATE:
        add_line(
            template.pk,
            by=by,
            kind=kind,
            description=description,
            category=masters(Category, category),
            quantity=Decimal(quantity),
            interval=masters(ServiceInterval, "HALFYEAR"),
            time_window=masters(TimeWindow, "MONTH"),
            task_relation=relation,
        )
    first = contracts.agreements[0]
    quote = create_agreement(
        by=by,
        description="Yearly inspection of all doors",
        status=AgreementStatus.QUOTE,
        quoted_until=today + timedelta(days=30),
        project=first.project,
        start_date=(today.replace(day=1) + timedelta(days=62)).replace(day=1),
        notice_days=90,
    )
    add_line(
        quote.pk,
        by=by,
        kind=LineKind.HOUR,
        description="Inspection with report",
        category=masters(Category, "LABOUR"),
        quantity=Decimal(3),
        interval=masters(ServiceInterval, "HALFYEAR"),
        sales_price=Decimal("92.00"),
    )
    first.refresh_from_db(fields=["version"])
    give_own_list(first.pk, version=first.version, by=by)
    fields = {"kind": LineKind.HOUR, "category": masters(Category, "LABOUR")}
    add_price(first.pk, SalesPrice, by=by, valid_from=first.start_date, price=Decimal("84.50"), **fields)
    prepare(
        [agreement.pk for agreement in contracts.agreements],
        description=f"Prices of {today.year + 1}",
        effective_on=date(today.year + 1, 1, 1),
        percent=Decimal("3.5"),
        cap=Decimal(5),
        by=by,
    )
