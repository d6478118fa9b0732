"""What becomes of a quote: agreed, declined, offered again."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import AgreementStatus, ServiceAgreement
from agreements.operations.agreement import facts_of, lock, touch
from agreements.operations.life import insist, said
from servicemgmt.core.audit import changed, record
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User

from .rules import why_not_agree, why_not_decline, why_not_offer


@transaction.atomic
def agree(
    agreement_id: int, *, on: date, today: date, how: str, version: int, by: User | None
) -> ServiceAgreement:
    """The customer agreed on the day `on`: the agreement is in force from its first day. `how` says who and by what.

    Raises Invalid at `on` after today, at `how` without words; Refused where it is no quote or no longer stood on that
    day; Stale.
    """
    agreement = lock(agreement_id, version=version)
    check_day(on, today)
    insist(why_not_agree(agreement, on))
    return decide(agreement, AgreementStatus.AGREED, on, said(how, field="how"), action="agreed", by=by)


@transaction.atomic
def decline(
    agreement_id: int, *, on: date, today: date, reason: str, version: int, by: User | None
) -> ServiceAgreement:
    """The customer does not want it, or the company takes it back. Raises Invalid, Refused, Stale."""
    agreement = lock(agreement_id, version=version)
    check_day(on, today)
    insist(why_not_decline(agreement))
    return decide(agreement, AgreementStatus.DECLINED, on, said(reason), action="declined", by=by)


@transaction.atomic
def offer_again(
    agreement_id: int, *, until: date | None, today: date, version: int, by: User | None
) -> ServiceAgreement:
    """A quote that was declined, or stood too short, stands until `until` (inclusive, None: open).

    Raises Invalid at `until` before today; Refused where it is agreed; Stale.
    """
    agreement = lock(agreement_id, version=version)
    insist(why_not_offer(agreement))
    if until and until < today:
        raise Invalid(_("The quote would not stand any more; choose a later day."), field="until")
    agreement.quoted_until = until
    return decide(agreement, AgreementStatus.QUOTE, None, "", action="offered", by=by)


def decide(
    agreement: ServiceAgreement,
    status: AgreementStatus,
    on: date | None,
    words: str,
    *,
    action: str,
    by: User | None,
) -> ServiceAgreement:
    """Write what the locked agreement is now, and since when; the one place that does."""
    stored = ServiceAgreement.objects.get(pk=agreement.pk)
    agreement.status, agreement.decided_on, agreement.decision = status, on, words
    touch(agreement, "status", "decided_on", "decision", "quoted_until")
    record(action, agreement, by=by, changes=changed(facts_of(stored), facts_of(agreement)))
    return agreement


def check_day(on: date, today: date) -> None:
    """Raises Invalid at `on` after today: what a customer said is written down when he has said it."""
    if on > today:
        raise Invalid(_("%(day)s has not come yet.") % {"day": moment(on)}, field="on")
