"""Renewing, giving notice and reminding."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import ExpiryReminder, ServiceAgreement
from agreements.operations.agreement import is_renewed, lock, touch
from agreements.operations.life import insist, said
from servicemgmt.core.audit import event_of, plain, record, record_all, subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.mail import MailDraft, queue_mails
from servicemgmt.core.models import User

from .rules import notice_until, remind_from, why_not_notice, why_not_renew
from .successors import make_successors


@transaction.atomic
def renew(agreement_ids: Sequence[int], *, by: User | None) -> list[ServiceAgreement]:
    """A successor for each, from the day after its last one and for its term; a number of statements that does not
    grow with them. The predecessor stays as it is. One that cannot be renewed refuses them all (Refused)."""
    sources = list(
        ServiceAgreement.objects.select_for_update(of=["self"], no_key=True)
        .filter(pk__in=agreement_ids)
        .select_related("project")
        .order_by("pk")
    )
    renewed = set(
        ServiceAgreement.objects.filter(predecessor__in=sources).values_list("predecessor", flat=True)
    )
    for source in sources:
        if sentence := why_not_renew(source, has_successor=source.pk in renewed):
            raise Refused(sentence)
    made = make_successors(sources, by=by)
    record_all(
        event_of("renewed", source, by=by, changes={"successor": [None, successor.number]})
        for source, successor in zip(sources, made, strict=True)
    )
    record_all(
        event_of("created", successor, by=by, changes={"predecessor": [None, str(source)]})
        for source, successor in zip(sources, made, strict=True)
    )
    return made


@transaction.atomic
def renew_one(agreement_id: int, *, version: int, by: User | None) -> ServiceAgreement:
    """A successor of the agreement as somebody saw it. Raises Stale, else as `renew`."""
    lock(agreement_id, version=version)
    return renew([agreement_id], by=by)[0]


@transaction.atomic
def give_notice(
    agreement_id: int, *, on: date, reason: str, version: int, by: User | None
) -> ServiceAgreement:
    """That it shall end with its last day: it is not renewed. `on` is the day of the notice.

    Raises Invalid at `on` before the agreement starts or where the time for it is over, at `reason` without one;
    Refused where there is no last day, where a successor is there or notice was given; Stale.
    """
    agreement = lock(agreement_id, version=version)
    insist(why_not_notice(agreement, has_successor=is_renewed(agreement)))
    assert agreement.end_date
    last = notice_until(agreement.end_date, agreement.notice_days)
    if on < agreement.start_date:
        raise Invalid(
            _("The agreement starts on %(day)s.") % {"day": moment(agreement.start_date)}, field="on"
        )
    if on > last:
        raise Invalid(_("Notice had to be given until %(day)s.") % {"day": moment(last)}, field="on")
    agreement.notice_on, agreement.end_reason = on, said(reason)
    touch(agreement, "notice_on", "end_reason")
    changes = {"notice_on": [None, plain(on)], "end_reason": ["", agreement.end_reason]}
    record("notice_given", agreement, by=by, changes=changes)
    return agreement


@transaction.atomic
def withdraw_notice(agreement_id: int, *, version: int, by: User | None) -> ServiceAgreement:
    """Take a notice back, so that the agreement may be renewed. Raises Refused where there is none, Stale."""
    agreement = lock(agreement_id, version=version)
    if agreement.notice_on is None:
        raise Refused(_("No notice was given."))
    changes = {"notice_on": [plain(agreement.notice_on), None], "end_reason": [agreement.end_reason, ""]}
    agreement.notice_on, agreement.end_reason = None, ""
    touch(agreement, "notice_on", "end_reason")
    record("notice_withdrawn", agreement, by=by, changes=changes)
    return agreement


@transaction.atomic
def remind(agreement_ids: Sequence[int], *, on: date, at: datetime) -> int:
    """Mail the responsible of each agreement that ends soon, once for each last day; gives how many mails.

    Nobody is told of what is renewed, given notice for, ended, suspended or has no responsible with an address.
    """
    rows = ServiceAgreement.objects.contracts().filter(pk__in=agreement_ids, end_date__gte=on)
    rows = rows.filter(successor__isnull=True, notice_on__isnull=True, suspended=False, end_reason="")
    due = [
        row
        for row in rows.select_related("responsible__user", "customer").order_by("pk")
        if row.end_date and remind_from(row.end_date, row.notice_days) <= on
        if row.responsible and row.responsible.mailbox
    ]
    known = set(ExpiryReminder.objects.filter(agreement__in=due).values_list("agreement", "end_date"))
    new = [row for row in due if (row.pk, row.end_date) not in known]
    ExpiryReminder.objects.bulk_create(
        ExpiryReminder(agreement=row, end_date=row.end_date, recipient=row.responsible.mailbox)
        for row in new
        if row.end_date and row.responsible
    )
    queue_mails([reminder_of(row) for row in new], by=None, at=at)
    record_all(
        event_of("reminded", row, by=None, changes={"to": [None, plain(row.responsible)]}) for row in new
    )
    return len(new)


def reminder_of(agreement: ServiceAgreement) -> MailDraft:
    """What the responsible reads: when it ends, until when notice counts and what happens by itself."""
    assert agreement.end_date and agreement.responsible
    names = {
        "number": agreement.number,
        "description": agreement.description,
        "customer": agreement.customer.name if agreement.customer else "",
        "end": moment(agreement.end_date),
        "notice": moment(notice_until(agreement.end_date, agreement.notice_days)),
        "renewal": agreement.get_renewal_display(),
        "name": agreement.responsible.name,
    }
    text = _(
        "Dear %(name)s,\n\nthe service agreement %(number)s “%(description)s” with %(customer)s ends on %(end)s. "
        "Notice counts until %(notice)s. After its last day: %(renewal)s."
    )
    return MailDraft(
        recipient=agreement.responsible.mailbox,
        title=_("%(number)s of %(customer)s ends on %(end)s") % names,
        text=text % names,
        subject=subject_of(agreement),
        label=agreement.number,
    )
