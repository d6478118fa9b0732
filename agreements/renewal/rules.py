"""When an agreement is renewed, for how long, and until when notice counts. Pure: dates are the company's days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import DateField, ExpressionWrapper, F
from django.utils.translation import gettext as _

from agreements.models import Renewal, ServiceAgreement
from agreements.quoting.rules import why_not_in_force
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Sentence
from servicemgmt.core.periods import Unit, step

#: So many days before the last day for notice the responsible is told.
REMIND_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Term:
    """The days of a successor, both inclusive."""

    start: date
    end: date


def next_term(end: date, months: int, anchor: int = 0) -> Term:
    """What follows on the last day `end`: so many months, its last day the eve of the same day of the month.

    `anchor` is the day of the month that the terms count from where it differs from that of the new first day: terms
    from the 31st begin on the last day of shorter months, and on the 31st again where there is one.
    """
    start = end + timedelta(days=1)
    month = step(start, Unit.MONTH, months, month_end=True)
    return Term(start, month.replace(day=min(anchor or start.day, month.day)) - timedelta(days=1))


def anchor_of(end: date, days: Iterable[int]) -> int:
    """The day of the month that terms count from which began on these days of theirs so far, and go on after `end`.

    Only a first day that is the last of its month may stand for a later one.
    """
    start = end + timedelta(days=1)
    return max(start.day, *days) if may_be_cut(end) else start.day


def may_be_cut(end: date) -> bool:
    """Whether the day after is the last of its month, so that it may stand for a later day."""
    return (end + timedelta(days=2)).day == 1


def notice_until(end: date, notice_days: int) -> date:
    """The last day on which notice keeps it from being renewed."""
    return end - timedelta(days=notice_days)


#: The same in SQL, for lists and runs.
LAST_NOTICE = ExpressionWrapper(F("end_date") - F("notice_days"), output_field=DateField())


def remind_from(end: date, notice_days: int) -> date:
    """The day from which the responsible is told of the end."""
    return notice_until(end, notice_days) - REMIND_BEFORE


def why_not_renew(agreement: ServiceAgreement, *, has_successor: bool) -> Sentence | None:
    """The sentence why no successor can be made, or None."""
    number = {"number": agreement.number}
    if agreement.is_template:
        return _("%(number)s is a template and is not renewed.") % number
    if sentence := why_not_in_force(agreement):
        return sentence
    if has_successor:
        return _("%(number)s is renewed already.") % number
    if agreement.end_date is None or not agreement.term_months:
        return _("%(number)s has no last day or no term; enter both before it is renewed.") % number
    if agreement.notice_on:
        return _("Notice was given for %(number)s on %(day)s; it is not renewed.") % (
            number | {"day": moment(agreement.notice_on)}
        )
    if agreement.end_reason:
        return _("%(number)s was ended: %(reason)s. Enter another last day if it shall go on.") % (
            number | {"reason": agreement.end_reason}
        )
    if agreement.suspended:
        return _("%(number)s is suspended; let it go on first.") % number
    closed = agreement.project.ended_on if agreement.project else None
    if closed and closed <= agreement.end_date + timedelta(days=1):
        return _("The project of %(number)s is closed from %(day)s.") % (number | {"day": moment(closed)})
    return None


def is_due(agreement: ServiceAgreement, on: date) -> bool:
    """Whether it renews by itself now: the time for notice is over."""
    return (
        agreement.renewal == Renewal.AUTOMATIC
        and agreement.end_date is not None
        and on > notice_until(agreement.end_date, agreement.notice_days)
    )


def why_not_notice(agreement: ServiceAgreement, *, has_successor: bool) -> Sentence | None:
    """The sentence why no notice can be entered, or None."""
    if sentence := why_not_in_force(agreement):
        return sentence
    if agreement.end_date is None:
        return _("The agreement has no last day; end it instead.")
    if agreement.notice_on:
        return _("Notice was given already.")
    if has_successor:
        return _("The agreement is renewed already; end its successor instead.")
    return None
