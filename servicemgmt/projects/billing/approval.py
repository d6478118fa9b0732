"""Who may post a credit note (specification C.12)."""

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import User

from ..models import InvoiceKind, InvoiceProposal, ProjectParameters


def is_credit_approved() -> bool:
    """Whether the company wants credit notes posted by somebody else than who made them."""
    return ProjectParameters.objects.filter(is_credit_approved=True).exists()


def check_own_credit(proposal: InvoiceProposal, by: User | None) -> None:
    """Refused where the proposal is a credit note that `by` made. Asked where credit notes are approved only."""
    if proposal.kind == InvoiceKind.CREDIT_NOTE and by is not None and proposal.made_by_id == by.pk:
        raise Refused(_("You made this credit note: somebody else looks at it and posts it."))
