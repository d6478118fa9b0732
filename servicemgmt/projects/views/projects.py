"""Projects: list, page, form, closing and opening."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import money
from servicemgmt.core.lists import list_page
from servicemgmt.core.models import User
from servicemgmt.core.money import ZERO
from servicemgmt.core.web import allow, attempt, may_enter, offers, page, version_of, whole
from servicemgmt.masterdata.models import Customer
from servicemgmt.masterdata.queries import company, company_today
from servicemgmt.masterdata.views.editing import crumb, edited

from .. import operations
from ..billing.on_account import open_on_account
from ..budgets.queries import overspent
from ..forms import CloseForm, ProjectForm
from ..lists import KIND_TONES, PROJECTS, PROPOSAL_TONES, STATUS_TONES
from ..milestones.queries import plan_of
from ..models import Invoice, InvoiceLine, Project, ProjectKind, ProposalLine
from ..queries import figures_of, has_work_of, proposals_listed, transactions_listed, work_to_invoice

#: How many rows of each kind the project's page shows; the lists show all.
SHOWN = 8


@require_GET
@allow("projects.view_project")
def projects(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, PROJECTS, Project.objects.all())


@require_GET
@allow("projects.view_project")
def project(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Project.objects.select_related(
            "group", "customer", "invoice_customer", "site", "currency", "price_list", "line_property"
        ),
        number=number,
    )
    context = {
        "project": found,
        "subject": subject_of(found),
        "title": found.name,
        "subtitle": f"{found.number} · {found.get_kind_display()}",
        "badges": [{"label": _("Closed")}] if found.ended_on else [],
        "facts": facts_of(found),
        "links": links_of(found, request.user),
        "today": company_today(),
        "offers": [] if found.ended_on else offers_of(found, request.user),
        "takes_on_account": found.kind not in (ProjectKind.INTERNAL, ProjectKind.TIME) and not found.ended_on,
    }
    if found.kind == ProjectKind.FIXED_PRICE and request.user.has_perm("projects.view_milestone"):
        context["plan"] = plan_of(found)
    if request.user.has_perm("projects.view_transaction"):
        context |= money_of(found)
        if over := overspent(found):
            context["over_budget"] = ", ".join(str(category) for category in over)
    return page(request, "projects/project.html", context)


def offers_of(found: Project, user: User) -> list[dict[str, str]]:
    """AG-02, SO-04, SB-01: what is made from a project; nothing is sold on one for times alone."""
    order = (_("New order"), "file-plus", "orders:order_new", {"project": found.pk})
    if found.kind == ProjectKind.TIME:
        return offers(user, order)
    number = {"project": found.number}
    agreement = (_("New agreement"), "file-text", "agreements:agreement_new", number)
    if found.kind != ProjectKind.TIME_AND_MATERIAL:
        return offers(user, order, agreement)
    subscription = (_("New subscription"), "repeat", "subscriptions:subscription_new", number)
    return offers(user, order, agreement, subscription)


def facts_of(found: Project) -> list[tuple[Any, ...]]:
    def customer(row: Customer) -> str:
        return reverse("masterdata:customer", args=[row.number])

    facts: list[tuple[Any, ...]] = [(_("Customer"), found.customer, customer(found.customer))]
    if found.invoice_customer_id != found.customer_id:
        facts.append((_("Invoiced to"), found.invoice_customer, customer(found.invoice_customer)))
    facts += [
        (_("Group"), found.group),
        (_("Site"), found.site, reverse("masterdata:site", args=[found.site.number]) if found.site else ""),
        (_("Currency"), found.currency.code),
        (_("Line property"), found.line_property),
        (_("Price list"), found.price_list),
        (_("Customer's order number"), found.purchase_order),
    ]
    if found.contract_value is not None:
        facts.append((_("Contract value"), money(found.contract_value, found.currency)))
    if found.ended_on:
        facts.append((_("Closed from"), found.ended_on))
    return facts


def links_of(found: Project, user: User) -> list[tuple[str, str]]:
    """What else is booked on the project, in lists of apps that stand right of this one: by URL only."""
    wanted = [
        (_("Service orders"), "orders:orders", "&tab=all"),
        (_("Agreements"), "agreements:agreements", "&tab=all"),
        (_("Subscriptions"), "subscriptions:subscriptions", "&tab=all"),
        (_("Item requirements"), "projects:requirements", "&tab=all"),
        (_("On account"), "projects:on_account", "&tab=all"),
        (_("Project statement"), "reporting:project_statement", ""),
    ]
    links = []
    for label, view, part in wanted:
        try:
            url = reverse(view)
        except NoReverseMatch:
            continue
        if may_enter(user, url):
            links.append((label, f"{url}?project={found.pk}{part}"))
    for label, url in (
        (_("Budget"), reverse("projects:budget", args=[found.number])),
        (_("Customer's statement"), reverse("projects:statement", args=[found.invoice_customer.number])),
    ):
        if may_enter(user, url):
            links.append((label, url))
    return links


def money_of(found: Project) -> dict[str, Any]:
    """What the project cost and came to, with its latest transactions, proposals and invoices."""
    figures, home = figures_of(found), company().currency
    on_account = sum((row.open for row in open_on_account([found])), ZERO)  # type: ignore[attr-defined]
    more = [(_("Open on account"), on_account)] if on_account else []
    return {
        "kpis": [
            (_("Cost"), money(figures.cost, home, code=False), home.code),
            (_("To invoice"), money(figures.to_invoice, found.currency, code=False), found.currency.code),
            (_("Invoiced"), money(figures.invoiced, found.currency, code=False), found.currency.code),
            (_("Covered value"), money(figures.covered, found.currency, code=False), found.currency.code),
            *((label, money(sum_, found.currency, code=False), found.currency.code) for label, sum_ in more),
        ],
        "can_propose": work_to_invoice(project=found.pk).exists(),
        "transactions": [
            {"row": row, "tone": STATUS_TONES[row.status]}
            for row in transactions_listed()
            .filter(project=found)
            .select_related("category", "voucher", "currency")
            .order_by("-pk")[:SHOWN]
        ],
        "proposals": [
            {"row": row, "tone": PROPOSAL_TONES[row.status]}
            for row in proposals_listed()
            .filter(has_work_of(found, ProposalLine))
            .exclude(status="DELETED")
            .select_related("currency")
            .order_by("-pk")[:SHOWN]
        ],
        "invoices": [
            {"row": row, "tone": KIND_TONES[row.kind]}
            for row in Invoice.objects.filter(has_work_of(found, InvoiceLine))
            .select_related("currency")
            .order_by("-pk")[:SHOWN]
        ],
    }


@require_http_methods(["GET", "POST"])
@allow("projects.add_project")
def project_new(request: HttpRequest) -> HttpResponse:
    """A new project; `?customer=` (key or number) pre-fills whom it is for."""
    asked = request.GET.get("customer", "")
    customer = Customer.objects.filter(number=asked).first() if asked else None
    if customer is None:
        customer = Customer.objects.filter(pk=whole(asked)).first()
    return edited(
        request,
        ProjectForm,
        lambda form: operations.create_project(by=request.user, **form.values),
        title=_("New project"),
        crumbs=[crumb(_("Projects"), "projects:projects")],
        done_url=url_of,
        initial={"customer": customer.pk if customer else None},
    )


@require_http_methods(["GET", "POST"])
@allow("projects.change_project")
def project_edit(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Project, number=number)
    return edited(
        request,
        ProjectForm,
        lambda form: operations.save_project(found.pk, version=form.version, by=request.user, **form.values),
        title=_("Edit %(name)s") % {"name": found.name},
        crumbs=[
            crumb(_("Projects"), "projects:projects"),
            crumb(found.number, "projects:project", found.number),
        ],
        done_url=url_of,
        instance=found,
    )


def url_of(row: Project) -> str:
    return reverse("projects:project", args=[row.number])


@require_POST
@allow("projects.change_project")
def project_close(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Project, number=number)
    form = CloseForm(request.POST)
    on: date = form.cleaned_data["on"] if form.is_valid() else company_today()
    version = form.cleaned_data.get("version") or 0
    return attempt(
        request,
        lambda: operations.close_project(found.pk, version=version, on=on, by=request.user),
        done=_("%(project)s is closed.") % {"project": found.number},
        to=url_of(found),
    )


@require_POST
@allow("projects.change_project")
def project_reopen(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Project, number=number)
    return attempt(
        request,
        lambda: operations.reopen_project(found.pk, version=version_of(request), by=request.user),
        done=_("%(project)s is open again.") % {"project": found.number},
        to=url_of(found),
    )


@require_POST
@allow("projects.add_invoiceproposal")
def project_propose(request: HttpRequest, number: str) -> HttpResponse:
    """Put all the project's charged work into a proposal, dated today, and show it."""
    found = get_object_or_404(Project, number=number)
    now = timezone.now()
    target = url_of(found)

    def work() -> None:
        nonlocal target
        made = operations.make_proposals(
            work_to_invoice(project=found.pk), invoice_date=company_today(), by=request.user, at=now
        )
        target = reverse("projects:proposal", args=[made[0].number])

    answer = attempt(request, work, to=target)
    return redirect(target) if target != url_of(found) else answer
