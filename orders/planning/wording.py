"""Why a date is what it is, in sentences. Lazy: they are put into words in the reader's language."""

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from servicemgmt.core.errors import Sentence

from .packing import Demand, IsOpenDay, Visit, best_day
from .terms import Line, OpenOrder

#: How many companions a reason names before it counts the rest.
NAMED = 2

#: How many days a sentence names before it counts the rest.
NAMED_DAYS = 6


def _reason(visit: Visit, item: Demand, is_open: IsOpenDay) -> str:
    """Why the demand is met on the day of the visit."""
    if visit.day == item.day:
        found = _on_its_day(item.day) if is_open(item.day) else _no_open_day(item.day)
    elif best_day((item,), is_open) == visit.day:
        found = _closed_day(item.day, visit.day)
    else:
        others = tuple(other.line for other in visit.demands if other is not item)
        found = _shared(item.day, visit.day, others)
    return _counted(found, item.since) if item.since else found


def joins(item: Demand, order: OpenOrder) -> Sentence:
    """Why the demand is met by an order that is there."""
    found = joining(item.day, order.day, order.number)
    return counted(found, item.since) if item.since else found


def _apart(found: Sentence, hours: Sequence[Line], slas: Sequence[Line]) -> str:
    if hours:
        found = _("%(reason)s; not together with %(others)s, whose hours contradict") % {
            "reason": found,
            "others": _names(hours),
        }
    if slas:
        found = _("%(reason)s; not together with %(others)s, of another SLA") % {
            "reason": found,
            "others": _names(slas),
        }
    return str(found)


def _counted(found: Sentence, since: date) -> str:
    return _("%(reason)s, counted from the visit of %(day)s") % {"reason": found, "day": short(since)}


def _joining(day: date, to: date, number: str) -> str:
    if day == to:
        return _("calculated %(day)s, joins order %(number)s") % {"day": short(day), "number": number}
    return _("calculated %(day)s, joins order %(number)s on %(to)s") % {
        "day": short(day),
        "number": number,
        "to": short(to),
    }


def _skipped_days(days: tuple[date, ...]) -> str:
    named = ", ".join(short(day) for day in days[:NAMED_DAYS])
    more = len(days) - NAMED_DAYS
    if more > 0:
        named = ngettext("%(named)s and %(more)d more", "%(named)s and %(more)d more", more) % {
            "named": named,
            "more": more,
        }
    return ngettext("Skipped, a closed day: %(named)s.", "Skipped, closed days: %(named)s.", len(days)) % {
        "named": named
    }


def _overdue(day: date) -> str:
    return _("Due since %(day)s, before the period. Begin the period there to create it.") % {
        "day": short(day)
    }


def _owed_before(day: date) -> str:
    return _("The term before comes first: it still creates the visit that is due on %(day)s.") % {
        "day": short(day)
    }


def _missed(count: int, first: date) -> str:
    return ngettext(
        "Its visit of %(day)s was never created and can no longer be done in time. To create it, plan from that day "
        "and fill gaps.",
        "%(count)d visits since %(day)s were never created and can no longer be done in time. To create them, plan "
        "from that day and fill gaps.",
        count,
    ) % {"count": count, "day": short(first)}


def _suspended(since: date | None, reason: str) -> str:
    if since is None:
        found = _("The agreement is suspended, so nothing is created from it.")
    else:
        found = _(
            "The agreement is suspended since %(day)s; nothing is created from it until it is resumed."
        ) % {"day": short(since)}
    return f"{found} {_('Why: %(reason)s') % {'reason': reason}}" if reason else found


def _still_open(day: date, count: int) -> str:
    return ngettext(
        "The visit of %(day)s is still to be done; the next is due counted from then.",
        "%(count)d visits, the last on %(day)s, are still to be done, though one is open at a time from now on; the "
        "next is due counted from the last done.",
        count,
    ) % {"day": short(day), "count": count}


def _expected(after: date) -> str:
    return _("if the visit of %(day)s is done that day") % {"day": short(after)}


def _on_its_day(day: date) -> str:
    return _("calculated %(day)s") % {"day": short(day)}


def _no_open_day(day: date) -> str:
    return _("calculated %(day)s: a closed day, and no open day may be taken instead") % {"day": short(day)}


def _closed_day(day: date, to: date) -> str:
    return _("calculated %(day)s, a closed day: moved to %(to)s") % {"day": short(day), "to": short(to)}


def _shared(day: date, to: date, others: tuple[Line, ...]) -> str:
    return _("calculated %(day)s, moved to %(to)s to share the visit with %(others)s") % {
        "day": short(day),
        "to": short(to),
        "others": _names(others),
    }


def _names(others: Sequence[Line]) -> str:
    named = ", ".join(f"“{line.label or line.number}”" for line in others[:NAMED])
    more = len(others) - NAMED
    if more <= 0:
        return named
    return ngettext("%(named)s and %(more)d more line", "%(named)s and %(more)d more lines", more) % {
        "named": named,
        "more": more,
    }


def _already(count: int) -> str:
    return ngettext(
        "%(count)d date already has an order.", "%(count)d dates already have an order.", count
    ) % {"count": count}


def _gaps(latest: date) -> str:
    return _("What falls before %(latest)s and has no order is left out, because gaps are not filled.") % {
        "latest": short(latest)
    }


def _not_yet(count: int, first: date) -> str:
    return ngettext(
        "Its date of %(first)s comes before the period and has no order yet. Once later ones have, it only comes by "
        "filling gaps; begin the period there to create it too.",
        "%(count)d dates from %(first)s on come before the period and have no order yet. Once later ones have, they "
        "only come by filling gaps; begin the period there to create them too.",
        count,
    ) % {"count": count, "first": short(first)}


def _out_of_service(since: date) -> str:
    return _(
        "Its object is out of service from %(day)s on; stop the line, or say that the object is back."
    ) % {"day": short(since)}


def _project_closed(since: date) -> str:
    return _("The project is closed from %(day)s on; open it again, or give the agreement an end.") % {
        "day": short(since)
    }


def short(day: date) -> str:
    """The day as people write it here."""
    return date_format(day, "SHORT_DATE_FORMAT")


reason = lazy(_reason, str)
already = lazy(_already, str)
gaps = lazy(_gaps, str)
not_yet = lazy(_not_yet, str)
counted = lazy(_counted, str)
joining = lazy(_joining, str)
skipped_days = lazy(_skipped_days, str)
overdue = lazy(_overdue, str)
apart = lazy(_apart, str)
owed_before = lazy(_owed_before, str)
missed = lazy(_missed, str)
suspended = lazy(_suspended, str)
still_open = lazy(_still_open, str)
expected = lazy(_expected, str)
out_of_service = lazy(_out_of_service, str)
project_closed = lazy(_project_closed, str)
