"""Preparing a batch of prices, dropping it, applying it and taking it back."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from agreements.models import AdjustmentRow, LinePrice, MadePrice, PriceAdjustment, ServiceAgreement
from servicemgmt.core.audit import event_of, plain, record, record_all
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import Run, User
from servicemgmt.core.models.run import RunStatus
from servicemgmt.core.runs import start_run
from servicemgmt.core.stale import stale
from servicemgmt.projects.models import SalesPrice

from .prepare import rows_of, same_price, with_successors
from .rules import Change

CODE = "adjust_prices"


@transaction.atomic
def prepare(
    agreement_ids: Sequence[int],
    *,
    description: str,
    effective_on: date,
    percent: Decimal,
    floor: Decimal | None = None,
    cap: Decimal | None = None,
    by: User | None,
) -> PriceAdjustment:
    """A batch with what every price would become, frozen; nothing is changed yet. What the chosen agreements are
    renewed by already is in it, so that no price falls back with the next term.

    Change and floor may be negative; floor and cap bound the change of each price (billing-rules 58). Raises Invalid.
    """
    if percent <= -100:
        raise Invalid(_("A price can lose less than 100 percent."), field="percent")
    if floor is not None and cap is not None and floor > cap:
        raise Invalid(_("The floor lies above the cap."), field="floor")
    if cap is not None and cap < 0:
        raise Invalid(_("A cap below zero would lower every price; enter a change below zero."), field="cap")
    if floor is not None and floor <= -100:
        raise Invalid(_("A price can lose less than 100 percent."), field="floor")
    if not Change(percent, floor, cap).bounded:
        raise Invalid(_("This changes no price: enter by how much they change."), field="percent")
    batch = PriceAdjustment.objects.create(
        description=description,
        effective_on=effective_on,
        percent=percent,
        floor=floor,
        cap=cap,
        chosen=with_successors(agreement_ids),
        made_by=by,
    )
    rows = rows_of(batch)
    if not rows:
        raise Refused(_("The chosen agreements have no prices of their own."))
    AdjustmentRow.objects.bulk_create(rows, batch_size=2000)
    record("created", batch, by=by, changes={"percent": [None, plain(percent)], "rows": [None, len(rows)]})
    return batch


@transaction.atomic
def discard(batch_id: int, *, version: int, by: User | None) -> None:
    """Drop a batch that was not applied. Raises Stale, Refused."""
    batch = locked(batch_id, version)
    if batch.applied_at:
        raise Refused(_("The batch is applied; take it back instead."))
    record("deleted", batch, by=by)
    batch.delete()


@transaction.atomic
def apply(batch_id: int, *, version: int, by: User | None, at: datetime, enqueue: bool = True) -> Run:
    """Start the run that brings the prices in, once. Raises Stale; Refused where it was applied, or nothing changes."""
    batch = locked(batch_id, version)
    if batch.applied_at:
        raise Refused(_("The batch is applied already."))
    if not batch.rows.filter(skipped="").exists():
        raise Refused(_("No price would change."))
    batch.applied_at = at
    batch.version += 1
    batch.save(update_fields=["applied_at", "version"])
    record("prices_adjusted", batch, by=by)
    return start_run(CODE, by=by, parameters={"batch": batch.pk}, enqueue=enqueue)


@transaction.atomic
def undo(batch_id: int, *, version: int, by: User | None, at: datetime) -> PriceAdjustment:
    """Take all prices of the batch back, so that each is what it was before. What was invoiced stays invoiced.

    Raises Stale; Refused where it is not applied, still being applied, taken back, or where a price was changed since.
    """
    batch = locked(batch_id, version)
    if not batch.applied_at:
        raise Refused(_("The batch is not applied."))
    if batch.undone_at:
        raise Refused(_("The batch is taken back already."))
    active = [RunStatus.QUEUED, RunStatus.RUNNING]
    if Run.objects.filter(kind=CODE, parameters__batch=batch.pk, status__in=active).exists():
        raise Refused(_("The batch is being applied; wait for its run to end."))
    lock_all(batch)
    if changed := changed_since(batch):
        raise Refused(
            _("Changed since: %(what)s. Nothing was taken back.") % {"what": "; ".join(changed[:5])}
        )
    brought_in = Q(line_price__isnull=False) | Q(made__isnull=False)
    rows = list(batch.rows.filter(brought_in).select_related("agreement"))
    LinePrice.objects.filter(row__adjustment=batch).delete()
    SalesPrice.objects.filter(made__row__adjustment=batch).delete()
    batch.undone_at = at
    batch.version += 1
    batch.save(update_fields=["undone_at", "version"])
    record("prices_restored", batch, by=by)
    record_all(
        event_of(
            "price_restored",
            row.agreement,
            by=by,
            changes={row.label: [plain(row.new_price), plain(row.old_price)]},
        )
        for row in rows
    )
    return batch


def lock_all(batch: PriceAdjustment) -> None:
    """Lock the batch's agreements, by key, so that their prices stand still: other batches, renewals and whoever
    edits them wait."""
    rows = ServiceAgreement.objects.filter(pk__in=batch.chosen).select_for_update(no_key=True)
    list(rows.order_by("pk").values_list("pk"))


def changed_since(batch: PriceAdjustment) -> list[str]:
    """What of the batch's prices is no longer as it left them: changed, gone, replaced later, or taken over by a
    successor of the agreement."""
    later = LinePrice.objects.filter(line=OuterRef("line"), valid_from__gt=OuterRef("valid_from"))
    own = LinePrice.objects.filter(row__adjustment=batch).annotate(has_later=Exists(later))
    lines = own.filter(Q(has_later=True) | ~Q(price=F("row__new_price")))
    found = [str(row.row) for row in lines.select_related("row")[:6]]
    made = MadePrice.objects.filter(row__adjustment=batch).select_related("row", "sales_price")
    for link in made:
        price = link.sales_price
        if price.version != 1 or price.price != link.row.new_price:
            found.append(str(link.row))
    keys = Q(pk__in=[])
    for link in made:
        keys |= same_price(link.sales_price) & Q(valid_from__gt=link.sales_price.valid_from)
    found += [str(price) for price in SalesPrice.objects.filter(keys)[:6]]
    successors = ServiceAgreement.objects.filter(
        predecessor__in=batch.rows.filter(line_price__isnull=False).values("agreement"),
        created_at__gt=batch.applied_at,
    )
    return found + [str(row) for row in successors[:6]]


def locked(batch_id: int, version: int) -> PriceAdjustment:
    """The batch, locked. Raises Stale."""
    batch = PriceAdjustment.objects.select_for_update(of=["self"], no_key=True).get(pk=batch_id)
    if batch.version != version:
        raise stale(_("Somebody else changed this batch meanwhile. This is how it stands now."), batch)
    return batch
