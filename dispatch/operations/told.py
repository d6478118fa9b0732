"""What the trail keeps of the board: one Event at the booking, exact enough to undo it; one at the order, to read."""

from typing import Any

from dispatch import pulse
from dispatch.models import Booking
from dispatch.wording import place_text
from servicemgmt.core.audit import Changes, event_of, record_all
from servicemgmt.core.models import User
from servicemgmt.masterdata.queries import company_zone

from .placing import Place


def tell(
    action: str,
    booking: Booking,
    *,
    before: Place | None,
    after: Place | None,
    by: User | None,
    undoes: int | None = None,
    zone: str = "",
) -> None:
    """Record what happened to a booking and let open boards know when it is committed.

    `undoes` is the Event that this takes back, `zone` the company's where it is known already.
    """
    order, zone = booking.activity.order, zone or company_zone()
    changes: Changes = {
        name: [_fact(before, name), _fact(after, name)]
        for name in ("worker", "worker_id", "start", "minutes", "reason")
        if _fact(before, name) != _fact(after, name)
    }
    changes["version"] = [booking.version - 1, booking.version]
    if undoes:
        changes["undoes"] = [None, undoes]
    label = f"{order.number} {place_text(booking, zone)}"
    visit = {"visit": [_text(booking, before, zone), _text(booking, after, zone)]}
    record_all(
        [
            event_of(action, booking, by=by, changes=changes, label=label),
            event_of(action, order, by=by, changes=visit),
        ]
    )
    pulse.touch(*{place.worker.pk for place in (before, after) if place})


def _fact(place: Place | None, name: str) -> Any:
    if place is None:
        return None
    facts = {
        "worker": place.worker.name,
        "worker_id": place.worker.pk,
        "start": place.start.isoformat(),
        "minutes": place.minutes,
        "reason": place.reason,
    }
    return facts[name]


def _text(booking: Booking, place: Place | None, zone: str) -> str | None:
    if place is None:
        return None
    ghost = Booking(worker=place.worker, during=type(booking.during)(place.start, place.end))
    return place_text(ghost, zone)
