"""What happens to an agreement while it lives: suspended, resumed, ended, given to somebody."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from agreements.models import Renewal, ServiceAgreement
from agreements.queries import days_rested
from agreements.quoting.rules import why_not_in_force
from servicemgmt.core.audit import changed, event_of, plain, record, record_all
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Invalid, Refused, Sentence
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Employee

from .agreement import facts_of, is_renewed, lock, touch


@transaction.atomic
def suspend(
    agreement_id: int, *, reason: str, version: int, by: User | None, on: date | None = None
) -> ServiceAgreement:
    """AG-05: no order is created from it, every line acts as stopped. Existing orders stay. Invalid without reason.

    `on` is the first day of the rest, by which `resume` may lengthen the term.
    """
    agreement = lock(agreement_id, version=version)
    insist(why_not_suspend(agreement))
    before = facts_of(agreement)
    agreement.suspended, agreement.suspend_reason, agreement.suspended_on = True, said(reason), on
    touch(agreement, "suspended", "suspend_reason", "suspended_on")
    record("suspended", agreement, by=by, changes=changed(before, facts_of(agreement)))
    return agreement


@transaction.atomic
def resume(
    agreement_id: int, *, version: int, by: User | None, on: date | None = None, keeps_term: bool = False
) -> ServiceAgreement:
    """Take the suspension back. Lines stopped by themselves stay stopped.

    `keeps_term` has the agreement, and the lines that end with it, end as many days later as it rested until `on`
    (the first day that counts again). Raises Refused where it does not rest, where nothing can be added to (no end, no
    first day of the rest), and where it is renewed already.
    """
    agreement = lock(agreement_id, version=version)
    insist(why_not_resume(agreement))
    before = facts_of(agreement)
    lengthened = _lengthen(agreement, on) if keeps_term else {}
    agreement.suspended, agreement.suspend_reason, agreement.suspended_on = False, "", None
    touch(agreement, "suspended", "suspend_reason", "suspended_on", "end_date")
    record("resumed", agreement, by=by, changes=changed(before, facts_of(agreement)) | lengthened)
    return agreement


def _lengthen(agreement: ServiceAgreement, on: date | None) -> dict[str, Any]:
    """Let it end later, with its lines; gives what changed of them."""
    days = days_rested(agreement, on) if on else 0
    if not days or agreement.end_date is None:
        raise Refused(_("There is no day to add to the term."))
    if is_renewed(agreement):
        raise Refused(_("The agreement is renewed already; lengthen its successor instead."))
    end = agreement.end_date
    agreement.end_date = end + timedelta(days=days)
    lines = agreement.lines.filter(end_date=end)
    numbers = sorted(lines.values_list("line_number", flat=True))
    lines.update(end_date=agreement.end_date, version=F("version") + 1)
    days_of = [plain(end), plain(agreement.end_date)]
    return {_("end of line %(line)s") % {"line": number}: days_of for number in numbers}


@transaction.atomic
def end(agreement_id: int, *, on: date, reason: str, version: int, by: User | None) -> ServiceAgreement:
    """Let the agreement end with the day `on` (inclusive), and say why; it does not renew by itself any more.
    Existing later orders stay as they are.

    Raises Invalid without a reason, where the day lies before the start, or after its last day: ending never lengthens.
    """
    agreement = lock(agreement_id, version=version)
    insist_in_force(agreement)
    before = facts_of(agreement)
    agreement.end_reason = said(reason)
    if on < agreement.start_date:
        raise Invalid(
            _("The agreement starts on %(day)s; it cannot end before.")
            % {"day": moment(agreement.start_date)},
            field="on",
        )
    if agreement.end_date and on > agreement.end_date:
        if is_renewed(agreement):
            raise Invalid(_("The agreement is renewed already; end its successor instead."), field="on")
        raise Invalid(
            _("The agreement ends on %(day)s anyway; choose that day or an earlier one.")
            % {"day": moment(agreement.end_date)},
            field="on",
        )
    agreement.end_date, agreement.renewal = on, Renewal.NONE
    touch(agreement, "end_date", "end_reason", "renewal")
    record("ended", agreement, by=by, changes=changed(before, facts_of(agreement)))
    return agreement


@transaction.atomic
def set_responsible(agreement_ids: Sequence[int], *, responsible: Employee | None, by: User | None) -> int:
    """AG-20: one responsible for many agreements, in three statements; gives how many did not have him already."""
    differs = ~Q(responsible=responsible) | Q(responsible__isnull=True)
    if responsible is None:
        differs = Q(responsible__isnull=False)
    chosen = list(
        ServiceAgreement.objects.select_for_update(of=["self"], no_key=True)
        .filter(differs, pk__in=agreement_ids)
        .select_related("responsible")
        .order_by("pk")
    )
    ServiceAgreement.objects.filter(pk__in=[row.pk for row in chosen]).update(
        responsible=responsible, version=F("version") + 1
    )
    record_all(
        event_of(
            "changed",
            row,
            by=by,
            changes={"responsible": [plain(row.responsible), plain(responsible)]},
        )
        for row in chosen
    )
    return len(chosen)


def why_not_suspend(agreement: ServiceAgreement) -> Sentence | None:
    """Why it cannot rest, or None."""
    return _("The agreement is suspended already.") if agreement.suspended else why_not_in_force(agreement)


def why_not_resume(agreement: ServiceAgreement) -> Sentence | None:
    """Why it cannot go on, or None."""
    return None if agreement.suspended else _("The agreement is not suspended.")


def insist_in_force(agreement: ServiceAgreement) -> None:
    """Raises Refused for a quote, whatever became of it: only what is agreed rests, ends or is renewed."""
    insist(why_not_in_force(agreement))


def insist(sentence: Sentence | None) -> None:
    """Raises Refused with the sentence where there is one."""
    if sentence:
        raise Refused(sentence)


def said(reason: str, *, field: str = "reason") -> str:
    """The words, kept to what fits. Raises Invalid at the field where nothing was said."""
    if not reason.strip():
        raise Invalid(_("Say why.") if field == "reason" else _("Say how."), field=field)
    return reason.strip()[:160]
