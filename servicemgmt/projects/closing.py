"""What keeps a project open. Apps to the right of this one say what of theirs still waits on it."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from .models import InvoiceProposal, Project, ProposalLine, ProposalStatus, Transaction
from .queries import has_work_of

#: How many documents a sentence names.
NAMED = 5

ASKED: list[Callable[[Project], str]] = []


def register(ask: Callable[[Project], str]) -> None:
    """Ask this function too: it gives the sentence why a project cannot be closed, or ''. Called when its app is
    ready."""
    ASKED.append(ask)


def kept_open_by(project: Project) -> list[str]:
    """Why a project cannot be closed, a sentence each; empty where it can."""
    return [sentence for ask in ASKED if (sentence := ask(project))]


def named(numbers: Iterable[str]) -> str:
    """The first few numbers, and “…” where there are more."""
    first = list(numbers)
    return ", ".join([*first[:NAMED], *(["…"] if len(first) > NAMED else [])])


def _in_drafts(project: Project) -> str:
    drafts = InvoiceProposal.objects.filter(has_work_of(project, ProposalLine), status=ProposalStatus.DRAFT)
    numbers = named(drafts.order_by("pk").values_list("number", flat=True)[: NAMED + 1])
    sentence = _("Work on this project stands in drafts: %(numbers)s. Post or delete them first.")
    return sentence % {"numbers": numbers} if numbers else ""


def _not_invoiced(project: Project) -> str:
    if not Transaction.objects.to_invoice().filter(project=project).exists():
        return ""
    return _("There is work on this project that is not invoiced yet. Invoice it, then close the project.")


register(_not_invoiced)
register(_in_drafts)
