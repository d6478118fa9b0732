"""Who may post a credit note (specification C.12)."""

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Sentence
from servicemgmt.core.models import User

from ..models import InvoiceKind, InvoiceProposal, ProjectParameters


def is_credit_approved() -> bool:
    """Whether the company wants credit notes posted by somebody else than who made them."""
    return ProjectParameters.objects.filter(is_credit_approved=True).exists()


def why_not_own(proposal: InvoiceProposal, by: User | None) -> Sentence | None:
    """Why `by` does not post this proposal where credit notes are approved: it is one that he made. None otherwise."""
    if proposal.kind == InvoiceKind.CREDIT_NOTE and by is not None and proposal.made_by_id == by.pk:
        return _("You made this credit note: somebody else looks at it and posts it.")
    return None
