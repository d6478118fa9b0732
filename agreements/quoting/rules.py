"""What a quote allows. Pure: dates are the company's days."""

from datetime import date

from django.utils.translation import gettext as _

from agreements.models import AgreementStatus, ServiceAgreement
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Sentence


def why_not_in_force(agreement: ServiceAgreement) -> Sentence | None:
    """The sentence that nobody agreed to it yet, so that nothing is done, charged or promised by it; or None."""
    number = {"number": agreement.number}
    if agreement.status == AgreementStatus.QUOTE:
        return _("%(number)s is a quote; it counts once the customer agrees to it.") % number
    if agreement.status == AgreementStatus.DECLINED:
        return _("%(number)s was declined; offer it again first.") % number
    return None


def is_expired(status: str, quoted_until: date | None, on: date) -> bool:
    """Whether a quote no longer stands on the day; its last day counts."""
    return status == AgreementStatus.QUOTE and quoted_until is not None and quoted_until < on


def why_not_agree(agreement: ServiceAgreement, on: date) -> Sentence | None:
    """Why nobody can agree to it on the day, or None."""
    if agreement.is_agreed:
        return _("%(number)s is agreed already.") % {"number": agreement.number}
    if agreement.status == AgreementStatus.DECLINED:
        return why_not_in_force(agreement)
    if is_expired(agreement.status, agreement.quoted_until, on):
        return _("The quote stood until %(day)s; offer it again before the customer agrees.") % {
            "day": moment(agreement.quoted_until)
        }
    return None


def why_not_decline(agreement: ServiceAgreement) -> Sentence | None:
    """Why it cannot be declined, or None."""
    if agreement.is_agreed:
        return _("%(number)s is agreed already; end it instead.") % {"number": agreement.number}
    if agreement.status == AgreementStatus.DECLINED:
        return _("%(number)s is declined already.") % {"number": agreement.number}
    return None


def why_not_offer(agreement: ServiceAgreement) -> Sentence | None:
    """Why it cannot be offered again, or None."""
    if agreement.is_agreed:
        return _("%(number)s is agreed already.") % {"number": agreement.number}
    return None
