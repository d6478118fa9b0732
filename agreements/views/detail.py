"""The page of an agreement: everything about it, each part a region of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agreements.forms import RelateObjectForm, RelateTaskForm
from agreements.lists import STATE, state_of
from agreements.models import Renewal, ServiceAgreement
from agreements.queries import line_remarks, sla_for
from agreements.quoting.queries import signatures, standing
from agreements.quoting.rules import is_expired
from agreements.renewal.rules import notice_until
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.models import User
from servicemgmt.core.web import allow, offers, page
from servicemgmt.masterdata.queries import company_today

from .find import CHANGE, VIEW, agreement_of


@require_GET
@allow(VIEW)
def agreement(request: HttpRequest, number: str) -> HttpResponse:
    return detail_page(request, agreement_of(number))


def detail_page(
    request: HttpRequest, agreement: ServiceAgreement, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """The page, with a form that was refused where there is one."""
    return page(request, "agreements/agreement.html", context(request, agreement) | forms, status=status)


def context(request: HttpRequest, agreement: ServiceAgreement) -> dict[str, Any]:
    can_change = request.user.has_perm(CHANGE)
    lines = list(
        agreement.lines.select_related(
            "interval", "time_window", "category", "unit", "item", "worker", "sla", "line_property", "site",
            "object_relation__service_object", "task_relation__service_task",
        )
    )  # fmt: skip
    signed = list(signatures(agreement))
    for line in lines:
        line.remarks = line_remarks(agreement, line)
    return {
        "agreement": agreement,
        "title": agreement.number,
        "subtitle": agreement.description,
        "badges": [badge(agreement)],
        "facts": facts(agreement),
        "side_facts": side_facts(agreement),
        "lines": lines,
        "objects": list(agreement.object_relations.select_related("service_object__site")),
        "tasks": list(agreement.task_relations.select_related("service_task")),
        "closed_from": project.ended_on if (project := agreement.project) else None,
        "can_change": can_change,
        "can_delete": request.user.has_perm("agreements.delete_serviceagreement"),
        "object_form": RelateObjectForm(agreement=agreement) if can_change else None,
        "task_form": RelateTaskForm(agreement=agreement) if can_change else None,
        "subject": subject_of(agreement),
        "offers": offers_of(agreement, request.user),
        "signatures": signed,
        "standing": standing(agreement) if signed else None,
        "works": agreement.is_agreed and not agreement.is_template,
        "expired": is_expired(agreement.status, agreement.quoted_until, company_today()),
        "subscriptions_url": link("subscriptions:subscriptions", query=f"agreement={agreement.pk}"),
    }


def offers_of(agreement: ServiceAgreement, user: User) -> list[dict[str, str]]:
    """What is made for an agreement besides its visits."""
    if agreement.suspended or agreement.is_template or not agreement.is_agreed:
        return []
    return offers(
        user,
        (_("New order by hand"), "file-plus", "orders:order_new", {"agreement": agreement.pk}),
        (_("New subscription"), "repeat", "subscriptions:subscription_new", {"agreement": agreement.number}),
    )


def badge(agreement: ServiceAgreement) -> dict[str, Any]:
    row = {name: getattr(agreement, name) for name in STATE}
    label, tone = state_of(row, company_today())
    return {"label": label, "tone": tone}


def facts(agreement: ServiceAgreement) -> list[tuple[Any, ...]]:
    customer, project = agreement.customer, agreement.project
    return [
        (_("Customer"), customer, customer and link("masterdata:customer", customer.number)),
        (_("Project"), project, project and link("projects:project", project.number)),
        (_("Valid"), validity(agreement)),
        *quote_facts(agreement),
        *renewal_facts(agreement),
        (_("Group"), agreement.group),
        (_("Responsible"), agreement.responsible),
        (_("Preferred technician"), agreement.preferred_technician),
        (_("Orders are combined"), agreement.get_combine_by_display()),
        (_("SLA"), sla_text(agreement)),
    ]


def quote_facts(agreement: ServiceAgreement) -> list[tuple[Any, ...]]:
    """Until when a quote stands, or what became of it."""
    if agreement.decided_on:
        label = _("Agreed") if agreement.is_agreed else _("Declined")
        text = _("on %(day)s: %(words)s") % {
            "day": moment(agreement.decided_on),
            "words": agreement.decision,
        }
        return [(label, text)]
    return [(_("Quote stands until"), agreement.quoted_until)] if agreement.quoted_until else []


def renewal_facts(agreement: ServiceAgreement) -> list[tuple[Any, ...]]:
    """How it goes on after its last day, and what came before and after it."""
    found: list[tuple[Any, ...]] = []
    if agreement.end_date and not agreement.is_template:
        text = str(agreement.get_renewal_display())
        if agreement.notice_on:
            text = _("Notice given on %(day)s") % {"day": moment(agreement.notice_on)}
        elif agreement.renewal != Renewal.NONE:
            last = notice_until(agreement.end_date, agreement.notice_days)
            text = _("%(renewal)s, notice until %(day)s") % {"renewal": text, "day": moment(last)}
        found.append((_("After the last day"), text))
    if before := agreement.predecessor:
        found.append((_("Renews"), before, link("agreements:agreement", before.number)))
    if after := ServiceAgreement.objects.filter(predecessor=agreement).first():
        found.append((_("Renewed by"), after, link("agreements:agreement", after.number)))
    return found


def side_facts(agreement: ServiceAgreement) -> list[tuple[Any, ...]]:
    found = [
        (_("Contact"), agreement.contact),
        (_("Activity type"), agreement.activity_type),
        (_("Calendar"), agreement.calendar or _("The site's")),
        (_("On closed days"), agreement.get_closed_day_display()),
        (_("Price list"), agreement.price_list or _("The project's")),
    ]
    if agreement.template_group:
        found.append((_("Template in"), agreement.template_group))
    if agreement.end_reason:
        found.append((_("Why it ends"), agreement.end_reason))
    return found


def validity(agreement: ServiceAgreement) -> str:
    if agreement.end_date is None:
        return _("from %(start)s, open-ended") % {"start": moment(agreement.start_date)}
    return _("%(start)s – %(end)s") % {
        "start": moment(agreement.start_date),
        "end": moment(agreement.end_date),
    }


def sla_text(agreement: ServiceAgreement) -> str:
    """The SLA that counts, where it comes from, and whether created orders get it."""
    found = sla_for(agreement)
    if found is None:
        return ""
    if found == agreement.sla:
        text = str(found)
    elif found == agreement.group.sla:
        text = _("%(sla)s (the group's)") % {"sla": found}
    else:
        text = _("%(sla)s (the usual one)") % {"sla": found}
    return text if agreement.sla_on_generated_orders else _("%(sla)s; not on created orders") % {"sla": text}


def link(view: str, *arguments: Any, query: str = "") -> str:
    """The URL of a page that another app may have; nothing where it does not."""
    try:
        url = reverse(view, args=arguments)
    except NoReverseMatch:
        return ""
    return f"{url}?{query}" if query else url
