"""Making fees: a preview that writes nothing, one subscription's fees under its lock, and the run over many."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Run, RunMessage, User
from servicemgmt.core.periods import Period
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register, start_run
from servicemgmt.masterdata.queries import company_day_at
from servicemgmt.projects.drafts import Draft
from servicemgmt.projects.models import LineKind, TransactionSource
from servicemgmt.projects.operations import post_transactions
from servicemgmt.projects.queries import line_property_for

from ..models import Fee, FeeKind, Subscription
from ..planning import ONE_DAY, Asked, PlannedFee, PlannedFees, PriceSource, Series, border_refusal, plan_fees
from ..queries import covered_periods, price_or_refuse

CODE = "create_fees"
CHUNK = 200
END_OF_TIME = date(9999, 12, 30)


@dataclass(frozen=True)
class FeeOrder:
    """SB-04: what is asked of a fee run. `project_date` None: each fee is dated the first day it covers."""

    start: date
    end: date
    kind: str = FeeKind.REGULAR
    continuous: bool = False
    price_source: str = PriceSource.INDEXED_BASE_PRICE
    project_date: date | None = None
    text: str = ""

    @property
    def asked(self) -> Asked:
        return Asked(Period(self.start, self.end), self.kind, self.continuous)

    def dump(self) -> dict[str, Any]:
        return {name: v.isoformat() if isinstance(v, date) else v for name, v in asdict(self).items()}

    @classmethod
    def load(cls, values: dict[str, Any]) -> "FeeOrder":
        project_date = values.get("project_date")
        return cls(
            date.fromisoformat(values["start"]),
            date.fromisoformat(values["end"]),
            values["kind"],
            values["continuous"],
            values["price_source"],
            date.fromisoformat(project_date) if project_date else None,
            values["text"],
        )


@dataclass(frozen=True)
class Preview:
    """What a subscription would get: its fees with amounts, or why it gets none."""

    subscription: Subscription
    fees: list[tuple[PlannedFee, Decimal]]
    already: int
    said: tuple[str, ...]


def check_order(order: FeeOrder) -> None:
    """Raises Invalid at the field."""
    if order.end < order.start:
        raise Invalid(_("The dates would end before they start."), field="end")
    if (order.end - order.start).days > 3660:
        raise Invalid(_("Make fees for ten years at most at a time."), field="end")


def subscriptions_by(ids: Iterable[int]) -> QuerySet[Subscription]:
    return Subscription.objects.select_related(
        "group__period_type",
        "group__accrual_rule",
        "project__currency",
        "project__group",
        "category__tax_group",
        "currency",
    ).filter(pk__in=list(ids))


def plan_for(row: Subscription, order: FeeOrder, covered: Sequence[Period]) -> PlannedFees:
    """The plan of one subscription. Refused where it is inactive (SB-02) or the dates match no periods (SB-06)."""
    if not row.is_active:
        raise Refused(_("%(number)s is not active.") % {"number": row.number})
    series = Series.of(row.group.period_type, row.starts_on)
    if order.kind == FeeKind.REGULAR and (sentence := border_refusal(series, order.asked.span)):
        raise Refused(f"{row.number}: {sentence}")
    return plan_fees(series, Period(row.starts_on, row.ends_on or END_OF_TIME), covered, order.asked)


def price_of(row: Subscription, order: FeeOrder, fee: PlannedFee) -> Decimal:
    """What one whole period costs, by the chosen source (SB-13; the table's price at the period's start)."""
    if order.price_source == PriceSource.SALES_PRICE_TABLE:
        return price_or_refuse(row, fee.whole.start)
    if order.price_source == PriceSource.BASE_PRICE:
        return row.base_price
    return row.base_price * row.index / 100


def preview_fees(ids: Iterable[int], order: FeeOrder) -> list[Preview]:
    """Exactly what the run would make, subscription by subscription; writes nothing. Raises Invalid."""
    check_order(order)
    rows = list(subscriptions_by(ids).order_by("number"))
    covered = covered_periods(row.pk for row in rows)
    return [preview_one(row, order, covered.get(row.pk, [])) for row in rows]


def preview_one(row: Subscription, order: FeeOrder, covered: Sequence[Period]) -> Preview:
    try:
        planned = plan_for(row, order, covered)
        priced = [(fee, fee.amount(price_of(row, order, fee), row.currency.digits)) for fee in planned.fees]
    except Refused as refusal:
        return Preview(row, [], 0, (str(refusal),))
    return Preview(row, priced, planned.already, planned.left_out)


@transaction.atomic
def create_fees(
    ids: Iterable[int], order: FeeOrder, *, by: User | None, at: datetime, run: Run | None = None
) -> Outcome:
    """Make the fees of these subscriptions under their locks, with one voucher; what exists already stays alone.

    Nothing is made twice: the lock serialises, `fee_does_not_overlap` guards. Subscriptions that get none are told of.
    """
    outcome = Outcome()
    rows = list(subscriptions_by(ids).select_for_update(of=["self"], no_key=True).order_by("pk"))
    covered = covered_periods(row.pk for row in rows)
    made: list[tuple[Subscription, PlannedFee, Draft]] = []
    for row in rows:
        made += drafts_of(row, order, covered.get(row.pk, []), outcome)
    if made:
        write(made, order, by=by, at=at, run=run)
        outcome.count("created", len(made))
    return outcome


def drafts_of(
    row: Subscription, order: FeeOrder, covered: Sequence[Period], outcome: Outcome
) -> Iterator[tuple[Subscription, PlannedFee, Draft]]:
    found = preview_one(row, order, covered)
    if found.already:
        outcome.count("already", found.already)
    for sentence in found.said:
        outcome.count("refused")
        level = RunMessage.Level.WARNING if found.fees else RunMessage.Level.ERROR
        outcome.say(level, sentence, subject=subject_of(row), item=row.pk)
    for fee, amount in found.fees:
        price = price_of(row, order, fee)
        yield row, fee, draft_of(row, order, fee, price, amount)


def draft_of(row: Subscription, order: FeeOrder, fee: PlannedFee, price: Decimal, amount: Decimal) -> Draft:
    """The fee as a project transaction: quantity 1 at its amount, with its service period."""
    return Draft(
        kind=LineKind.FEE,
        project=row.project,
        category=row.category,
        line_property=line_property_for(row.project, row.category),
        executed_on=order.project_date or fee.days.start,
        quantity=Decimal(1),
        source=TransactionSource.SUBSCRIPTION,
        text=order.text or row.name,
        agreement_number=row.agreement.number if row.agreement else "",
        service_period=DateRange(fee.days.start, fee.days.end + ONE_DAY),
        accrual_rule=row.group.accrual_rule,
        currency=row.currency,
        sales_price=amount,
        sales_amount=amount,
        price_reason={
            "base": str(row.base_price),
            "index": str(row.index),
            "source": order.price_source,
            "period": str(price),
        },
    )


def write(
    made: list[tuple[Subscription, PlannedFee, Draft]],
    order: FeeOrder,
    *,
    by: User | None,
    at: datetime,
    run: Run | None,
) -> None:
    """Post the transactions with one voucher dated the company's day, and put the fees beside them."""
    posted = post_transactions(
        [draft for _row, _fee, draft in made],
        on=order.project_date or company_day_at(at),
        text=_("Subscription fees %(start)s – %(end)s") % {"start": order.start, "end": order.end},
        subject=subject_of(run) if run else "",
        label="",
        by=by,
        at=at,
    )
    Fee.objects.bulk_create(
        Fee(
            transaction=row,
            subscription=subscription,
            kind=fee.kind,
            starts_on=fee.days.start,
            ends_on=fee.days.end,
            base_price=subscription.base_price,
            index=subscription.index,
            run=run,
        )
        for row, (subscription, fee, _draft) in zip(posted, made, strict=True)
    )


def start_fees(ids: Sequence[int], order: FeeOrder, *, by: User | None, enqueue: bool = True) -> Run:
    """Queue a fee run. Raises Invalid for dates that cannot be, Refused where nothing is chosen."""
    check_order(order)
    if not ids:
        raise Refused(_("Choose at least one subscription."))
    return start_run(CODE, by=by, parameters={"subscriptions": sorted(ids), **order.dump()}, enqueue=enqueue)


def pieces(run: Run) -> Iterator[Piece]:
    ids = run.parameters["subscriptions"]
    for start in range(0, len(ids), CHUNK):
        yield Piece(items=ids[start : start + CHUNK])


def work(run: Run, piece: Piece) -> Outcome:
    order = FeeOrder.load(run.parameters)
    return create_fees(piece.items or [], order, by=run.started_by, at=timezone.now(), run=run)


register(
    RunKind(
        code=CODE,
        label=gettext_lazy("Subscription fees"),
        permission="subscriptions.add_fee",
        pieces=pieces,
        work=work,
        labels={
            "created": gettext_lazy("Fees made"),
            "already": gettext_lazy("Already there"),
            "refused": gettext_lazy("Left out"),
        },
        result_url=lambda run: f"{reverse('subscriptions:fees')}?run={run.pk}",
        retry=lambda run: (
            run.parameters | {"subscriptions": items_left(run) or run.parameters["subscriptions"]}
        ),
        item="subscription",
    )
)
