"""The lists of projects and billing."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.lists import Action, Column, ListSpec, Tab

from .filters import InvoiceFilter, ProjectFilter, ProposalFilter, TransactionFilter
from .models import Coverage, InvoiceKind, ProposalStatus, TransactionStatus

STATUS_TONES: dict[str, str] = {
    TransactionStatus.POSTED: "blue",
    TransactionStatus.IN_PROPOSAL: "orange",
    TransactionStatus.INVOICED: "green",
    TransactionStatus.SELECTED_FOR_CREDIT: "purple",
    TransactionStatus.CREDITED: "purple",
    TransactionStatus.REVERSED: "gray",
}
PROPOSAL_TONES: dict[str, str] = {
    ProposalStatus.DRAFT: "orange",
    ProposalStatus.POSTED: "green",
    ProposalStatus.DELETED: "gray",
}
KIND_TONES: dict[str, str] = {InvoiceKind.INVOICE: "blue", InvoiceKind.CREDIT_NOTE: "purple"}


def voucher_url(row: dict[str, Any]) -> str:
    number = row["voucher__number"]
    return reverse("ledger:voucher", args=[number]) if number else ""


def of_project(row: dict[str, Any]) -> str:
    number = row["project__number"]
    return reverse("projects:project", args=[number]) if number else ""


PROJECTS = ListSpec(
    name="projects",
    title=_("Projects"),
    help=_("What work is booked on and invoiced through: one customer, one currency, one way of billing."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("name", _("Name"), sort="name"),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column("kind", _("Type"), sort="kind"),
        Column("group__description", _("Group"), sort="group__description"),
        Column("line_property__description", _("Line property")),
        Column("currency__code", _("Currency")),
        Column("ended_on", _("Closed from"), sort="ended_on"),
    ],
    default_sort="-number",
    filterset=ProjectFilter,
    row_url=lambda row: reverse("projects:project", args=[row["number"]]),
    create=("projects:project_new", _("New project"), "projects.add_project"),
    tabs=[
        Tab("open", _("Open"), Q(ended_on=None)),
        Tab("closed", _("Closed"), Q(ended_on__isnull=False)),
        Tab("all", _("All")),
    ],
    empty_title=_("No projects yet"),
    empty_text=_("Make a project for a customer; orders and agreements are booked on it."),
    empty_icon="folder",
)

TRANSACTIONS = ListSpec(
    name="transactions",
    title=_("Transactions"),
    help=_("Every posted hour, expense, item and fee, with what it cost and what it is sold for."),
    columns=[
        Column("executed_on", _("Project date"), sort="executed_on"),
        Column(
            "text",
            _("Text"),
            value=lambda row: row["text"] or row["category__description"],
            needs=["text", "category__description"],
            sub=lambda row: row["worker__name"] or row["item__name"] or "",
            href=lambda row: reverse("projects:transaction", args=[row["pk"]]),
        ),
        Column("worker__name", _("Worker"), only_export=True),
        Column("item__name", _("Item"), only_export=True),
        Column("kind", _("Type"), sort="kind"),
        Column("project__number", _("Project"), sort="project__number", kind="link", href=of_project),
        Column("category__code", _("Category"), only_export=True),
        Column("quantity", _("Quantity")),
        Column("cost_amount", _("Cost"), kind="money", currency="cost_code"),
        Column("sales_amount", _("Sales amount"), kind="money", currency="currency__code"),
        Column(
            "covered_amount", _("Covered value"), kind="money", currency="currency__code", only_export=True
        ),
        Column(
            "status",
            _("Status"),
            kind="badge",
            tone=lambda row: STATUS_TONES[row["status"]],
            sub=lambda row: "" if row["coverage"] == Coverage.CHARGED else Coverage(row["coverage"]).label,
        ),
        Column("coverage", _("Coverage"), only_export=True),
        Column("source", _("Source"), only_export=True),
        Column("voucher__number", _("Voucher"), kind="link", href=voucher_url),
    ],
    default_sort="-pk",
    needs=["worker__name", "item__name", "status", "coverage"],
    filterset=TransactionFilter,
    tabs=[
        Tab("all", _("All")),
        Tab("to-invoice", _("To invoice"), Q(status=TransactionStatus.POSTED, coverage=Coverage.CHARGED)),
        Tab("proposed", _("In a proposal"), Q(status=TransactionStatus.IN_PROPOSAL)),
        Tab("invoiced", _("Invoiced"), Q(status=TransactionStatus.INVOICED)),
        Tab("crediting", _("To credit"), Q(status=TransactionStatus.SELECTED_FOR_CREDIT)),
    ],
    bulk_actions=[
        Action(
            "projects:propose_ticked",
            _("Propose for invoicing"),
            "file-pen",
            permission="projects.add_invoiceproposal",
        ),
        Action(
            "projects:select_for_credit",
            _("Select for credit note"),
            "undo-2",
            permission="projects.add_invoice",
            tabs=["all", "invoiced"],
        ),
        Action(
            "projects:do_not_credit",
            _("Do not credit"),
            "x",
            permission="projects.add_invoice",
            tabs=["all", "crediting"],
        ),
    ],
    empty_title=_("Nothing is posted yet"),
    empty_text=_("Transactions come from signed service orders that are posted, and from subscriptions."),
    empty_icon="list",
)

PROPOSALS = ListSpec(
    name="invoice-proposals",
    title=_("Invoice proposals"),
    help=_("Draft invoices to be reviewed and posted."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column("project__number", _("Project"), sort="project__number", href=of_project),
        Column("invoice_date", _("Invoice date"), sort="invoice_date"),
        Column("kind", _("Kind"), kind="badge", tone=lambda row: KIND_TONES[row["kind"]]),
        Column("line_count", _("Lines"), kind="number"),
        Column("net", _("Net"), kind="money", currency="currency__code"),
        Column("status", _("Status"), kind="badge", tone=lambda row: PROPOSAL_TONES[row["status"]]),
    ],
    default_sort="-number",
    needs=["status", "kind"],
    filterset=ProposalFilter,
    row_url=lambda row: reverse("projects:proposal", args=[row["number"]]),
    create=("projects:propose", _("Make proposals"), "projects.add_invoiceproposal"),
    tabs=[
        Tab("drafts", _("Drafts"), Q(status=ProposalStatus.DRAFT)),
        Tab("posted", _("Posted"), Q(status=ProposalStatus.POSTED)),
        Tab("all", _("All")),
    ],
    bulk_actions=[
        Action(
            "projects:post_ticked",
            _("Post"),
            "receipt",
            confirm=_("Post the ticked proposals? Invoices cannot be changed afterwards."),
            permission="projects.add_invoice",
        )
    ],
    empty_title=_("No proposals to review"),
    empty_text=_("Make proposals from the work that is posted and charged."),
    empty_icon="file-pen",
)

INVOICES = ListSpec(
    name="invoices",
    title=_("Invoices"),
    help=_("Posted invoices and credit notes. They never change; a credit note takes one back."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column(
            "kind",
            _("Kind"),
            kind="badge",
            tone=lambda row: KIND_TONES[row["kind"]],
            sub=lambda row: (
                _("credited by %(number)s") % {"number": row["credited_by"]} if row["credited_by"] else ""
            ),
            needs=["credited_by"],
        ),
        Column("invoice_date", _("Date"), sort="invoice_date"),
        Column("due_date", _("Due"), sort="due_date"),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column("project__number", _("Project"), sort="project__number", href=of_project),
        Column("net", _("Net"), kind="money", currency="currency__code"),
        Column("tax", _("Tax"), kind="money", currency="currency__code"),
        Column("gross", _("Total"), kind="money", currency="currency__code", sort="gross"),
        Column("item__open", _("Open"), kind="money", currency="currency__code"),
        Column(
            "company_gross", _("Total in company currency"), kind="money", currency="home", only_export=True
        ),
        Column("credited_by", _("Credited by"), only_export=True),
        Column("voucher__number", _("Voucher"), only_export=True),
    ],
    default_sort="-invoice_date",
    needs=["kind"],
    filterset=InvoiceFilter,
    row_url=lambda row: reverse("projects:invoice", args=[row["number"]]),
    tabs=[
        Tab("all", _("All")),
        Tab("invoices", _("Invoices"), Q(kind=InvoiceKind.INVOICE)),
        Tab("open", _("Open"), ~Q(item__open=0)),
        Tab("credit-notes", _("Credit notes"), Q(kind=InvoiceKind.CREDIT_NOTE)),
    ],
    empty_title=_("No invoices yet"),
    empty_text=_("Make an invoice proposal from posted work, review it and post it."),
    empty_icon="receipt",
)
