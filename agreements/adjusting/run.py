"""The run that brings a batch of prices in: chunks of its rows, each checked against what stands now."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterator, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import AdjustmentRow, LinePrice, MadePrice, PriceAdjustment, ServiceAgreement
from agreements.pricing.queries import sales_price_on
from servicemgmt.core.audit import event_of, plain, record_all, subject_of
from servicemgmt.core.models import Run
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register
from servicemgmt.projects.models import SalesPrice

from .operations import CODE, lock_all
from .prepare import KEY, lasting_of, others_of, there_already, why_not_line, why_not_list

CHUNK = 500


def pieces(run: Run) -> Iterator[Piece]:
    """The rows that change, by the chunk; of a retry those that were refused."""
    rows = AdjustmentRow.objects.filter(adjustment=run.parameters["batch"], skipped="")
    ids = run.parameters.get("rows") or list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield Piece(items=ids[start : start + CHUNK])


def work(run: Run, piece: Piece) -> Outcome:
    """Write the new prices. A row that is applied is passed over; one whose price is another by now is refused.

    Nothing of a batch that was taken back comes in again, whoever tries its refused rows once more.
    """
    batch = PriceAdjustment.objects.select_for_update(no_key=True).get(pk=run.parameters["batch"])
    outcome, able = Outcome(), []
    if batch.undone_at:
        outcome.say("WARNING", _("The batch is taken back; no price is changed."), subject=subject_of(batch))
        return outcome
    lock_all(batch)
    lasting = lasting_of(batch)
    rows = list(
        AdjustmentRow.objects.filter(pk__in=piece.items or [], line_price__isnull=True, made__isnull=True)
        .select_related("adjustment", "agreement", "line", "sales_price")
        .prefetch_related("line__prices")
        .order_by("pk")
    )
    later = later_rows([row for row in rows if row.sales_price])
    lists = {row.sales_price.price_list_id or 0 for row in rows if row.sales_price}
    held = held_lists(batch, lists, lasting)
    for row in rows:
        if why := why_not(row, later, held, lasting):
            outcome.count("refused")
            text = _("%(agreement)s %(what)s: %(why)s") % {
                "agreement": row.agreement.number,
                "what": row.label,
                "why": why,
            }
            outcome.say("ERROR", text, subject=subject_of(row.agreement), item=row.pk)
        else:
            able.append(row)
    bring_in(able)
    outcome.count("adjusted", len(able))
    record_all(
        event_of(
            "price_adjusted",
            row.agreement,
            by=run.started_by,
            run=run,
            changes={row.label: [plain(row.old_price), plain(row.new_price)]},
        )
        for row in able
    )
    return outcome


def held_lists(batch: PriceAdjustment, lists: Collection[int], lasting: Container[int]) -> dict[int, str]:
    """Why the prices of a list stay by now: somebody who is not chosen uses it, or a chosen one keeps its prices."""
    if not lists:
        return {}
    users: dict[int, list[ServiceAgreement]] = defaultdict(list)
    chosen = ServiceAgreement.objects.contracts().filter(price_list__in=lists, pk__in=batch.chosen)
    for agreement in chosen.order_by("pk"):
        users[agreement.price_list_id or 0].append(agreement)
    others = others_of(lists, batch)
    return {pk: why_not_list(users[pk], others.get(pk, ""), batch.effective_on, lasting) for pk in lists}


def why_not(row: AdjustmentRow, later: set[int], held: Mapping[int, str], lasting: Container[int]) -> str:
    """Why the row cannot be brought in as it was prepared, or nothing."""
    on = row.adjustment.effective_on
    if row.line:
        days = (price.valid_from for price in row.line.prices.all())
        if sentence := why_not_line(row.line, row.agreement, on, lasting) or there_already(days, on):
            return sentence
        return _("Its price was changed meanwhile.") if sales_price_on(row.line, on) != row.old_price else ""
    if row.pk in later:
        return _("There is a later price meanwhile.")
    price = row.sales_price
    if price and (sentence := held.get(price.price_list_id or 0, "")):
        return sentence
    return _("Its price was changed meanwhile.") if price is None or price.price != row.old_price else ""


def later_rows(rows: Sequence[AdjustmentRow]) -> set[int]:
    """The rows whose price list has the same price from a later day than the one they were prepared from."""
    lists = {row.sales_price.price_list_id for row in rows if row.sales_price}
    newest: dict[tuple[object, ...], object] = {}
    for price in SalesPrice.objects.filter(price_list__in=lists).order_by("valid_from"):
        newest[key_of(price)] = price.valid_from
    return {
        row.pk
        for row in rows
        if row.sales_price and newest.get(key_of(row.sales_price)) != row.sales_price.valid_from
    }


def key_of(price: SalesPrice) -> tuple[object, ...]:
    return tuple(getattr(price, name) for name in KEY)


def bring_in(rows: Sequence[AdjustmentRow]) -> None:
    """The new prices of lines and of price lists, each kind in one statement."""
    LinePrice.objects.bulk_create(
        LinePrice(line=row.line, valid_from=row.adjustment.effective_on, price=row.new_price, row=row)
        for row in rows
        if row.line and row.new_price is not None
    )
    pairs = [(row, copy_of(row.sales_price, row)) for row in rows if row.sales_price]
    SalesPrice.objects.bulk_create(price for _row, price in pairs)
    MadePrice.objects.bulk_create(MadePrice(row=row, sales_price=price) for row, price in pairs)


def copy_of(price: SalesPrice, row: AdjustmentRow) -> SalesPrice:
    """The same price from the batch's day on."""
    assert row.new_price is not None
    without = {"id", "version", "created_at", "valid_from", "price"}
    values = {
        field.attname: getattr(price, field.attname)
        for field in price._meta.concrete_fields
        if field.name not in without
    }
    return SalesPrice(valid_from=row.adjustment.effective_on, price=row.new_price, **values)


KIND = register(
    RunKind(
        code=CODE,
        label=gettext_lazy("Adjust prices"),
        permission="agreements.change_priceadjustment",
        pieces=pieces,
        work=work,
        labels={
            "adjusted": gettext_lazy("prices adjusted"),
            "refused": gettext_lazy("prices that changed meanwhile"),
        },
        result_url=lambda run: reverse("agreements:adjustment", args=[run.parameters["batch"]]),
        retry=lambda run: run.parameters | {"rows": items_left(run)},
    )
)
