"""What people add to an invoice proposal themselves (PR-13): a fee, posted to the project as any other work."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.audit import plain, subject_of
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User

from ..billing.lines import work_of
from ..drafts import Draft
from ..models import (
    Category,
    Coverage,
    InvoiceProposal,
    LineKind,
    Project,
    ProposalLine,
    Transaction,
    TransactionStatus,
)
from ..pricing.search import price_line
from ..queries import line_property_for
from .posting import post_transactions
from .proposals import Taxes, line_of, locked_draft, touched
from .status import move_transactions


@transaction.atomic
def add_fee(
    proposal_id: int,
    *,
    version: int,
    category: Category,
    text: str,
    quantity: Decimal,
    by: User | None,
    at: datetime,
    price: Decimal | None = None,
    project: Project | None = None,
) -> InvoiceProposal:
    """Post a fee dated on the invoice date and put it into a draft; dropping its line takes the fee back.

    `price` is of a unit in the proposal's currency; without it the price search finds it (PR-08). `project` is one of
    those that the proposal invoices, and need not be named where it is one. Raises Stale; Refused where the proposal is
    no draft or a credit, the period is closed or the fee would not be charged; Invalid (fields `category`, `quantity`,
    `price`, `project`).
    """
    proposal = locked_draft(proposal_id, version)
    if proposal.credits_id:
        raise Refused(_("A credit gives back what was invoiced; nothing can be added to it."))
    draft = Draft(
        kind=LineKind.FEE,
        project=_project_of(proposal, project),
        category=category,
        line_property=line_property_for(_project_of(proposal, project), category),
        executed_on=proposal.invoice_date,
        quantity=quantity,
        text=text,
        sales_price=price,
    )
    check_fee(draft)
    if price is None:
        _search_price(draft)
    line = join(proposal, draft, by=by, at=at)
    return touched(
        proposal, "proposal_fee_added", by, {"line": [None, line.text], "net": [None, plain(line.net)]}
    )


def check_fee(draft: Draft) -> None:
    """Invalid or Refused where a fee cannot be charged on its project."""
    if draft.category.kind != LineKind.FEE:
        raise Invalid(_("Choose a category of fees."), field="category")
    if draft.quantity <= 0:
        raise Invalid(_("Enter a quantity above zero."), field="quantity")
    if draft.sales_price is not None and draft.sales_price < 0:
        raise Invalid(_("Enter a price of zero or more."), field="price")
    if draft.coverage != Coverage.CHARGED:
        raise Refused(
            _("%(project)s charges nothing under %(category)s: its line property is %(property)s.")
            % {
                "project": draft.project.number,
                "category": draft.category,
                "property": draft.line_property,
            }
        )


def join(proposal: InvoiceProposal, draft: Draft, *, by: User | None, at: datetime) -> ProposalLine:
    """Post the draft with a voucher of its own and put it into the locked proposal, with the tax of its date."""
    (row,) = post_transactions(
        [draft],
        on=proposal.invoice_date,
        text=draft.text,
        subject=subject_of(proposal),
        label=proposal.number,
        by=by,
        at=at,
    )
    return put(proposal, row)


def put(proposal: InvoiceProposal, row: Transaction) -> ProposalLine:
    """Put a transaction that was made for it into the locked proposal."""
    rows = work_of([row.pk])
    values = line_of(rows[0], proposal.pk, Taxes(rows), proposal.invoice_date)
    line = ProposalLine(**values._replace(is_added=True)._asdict())
    line.save(force_insert=True)
    move_transactions([row.pk], to=TransactionStatus.IN_PROPOSAL, proposal=proposal)
    return line


def projects_of(proposal: InvoiceProposal) -> list[Project]:
    """The projects that a proposal invoices."""
    if proposal.project:
        return [proposal.project]
    keys = proposal.lines.values("transaction__project")
    return list(Project.objects.filter(pk__in=keys).select_related("currency").order_by("number"))


def _project_of(proposal: InvoiceProposal, wanted: Project | None) -> Project:
    found = projects_of(proposal)
    if wanted is None and len(found) == 1:
        return found[0]
    if wanted is None or wanted not in found:
        raise Invalid(_("Choose one of the projects that are invoiced here."), field="project")
    return wanted


def _search_price(draft: Draft) -> None:
    priced = price_line(
        kind=draft.kind,
        project=draft.project,
        category=draft.category,
        on=draft.executed_on,
        line_property=draft.line_property,
    )
    if priced.sales_price is None:
        raise Invalid(_("There is no price for this fee; enter one."), field="price")
    draft.sales_price, draft.price_reason = priced.sales_price, priced.reason
