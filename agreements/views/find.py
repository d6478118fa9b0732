"""Finding rows and where to go afterwards, for all views of this app."""

from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import (
    AgreementObject,
    AgreementTask,
    ServiceAgreement,
    ServiceAgreementLine,
    ServiceObject,
)
from servicemgmt.core.web import whole

VIEW = "agreements.view_serviceagreement"
ADD = "agreements.add_serviceagreement"
CHANGE = "agreements.change_serviceagreement"
DELETE = "agreements.delete_serviceagreement"

PARTS = [
    "customer", "project__currency", "group__sla", "sla", "template_group", "responsible", "preferred_technician",
    "contact", "activity_type", "price_list", "calendar", "predecessor",
]  # fmt: skip


def agreement_of(number: str) -> ServiceAgreement:
    return get_object_or_404(ServiceAgreement.objects.select_related(*PARTS), number=number)


def crumbs_of(agreement: ServiceAgreement | None = None) -> list[dict[str, str]]:
    """The way from the list of agreements to a page about this one, or about none yet."""
    found = [{"label": _("Service agreements"), "url": reverse("agreements:agreements")}]
    if agreement:
        address = reverse("agreements:agreement", args=[agreement.number])
        found.append({"label": agreement.number, "url": address})
    return found


def line_of(agreement: ServiceAgreement, pk: int) -> ServiceAgreementLine:
    return get_object_or_404(agreement.lines, pk=pk)


def object_relation_of(agreement: ServiceAgreement, pk: int) -> AgreementObject:
    return get_object_or_404(agreement.object_relations, pk=pk)


def task_relation_of(agreement: ServiceAgreement, pk: int) -> AgreementTask:
    return get_object_or_404(agreement.task_relations.select_related("service_task"), pk=pk)


def object_of(request: HttpRequest, number: str) -> ServiceObject:
    rows = ServiceObject.objects.visible_to(request.user)
    parts = ["group__sla", "customer", "site", "item", "parent"]
    return get_object_or_404(rows.select_related(*parts), number=number)


def named[Row: Model](model: type[Row], text: str) -> Row | None:
    """The row that an address names by its number or key, to fill in a form beforehand; None where there is none."""
    rows = model._default_manager
    found = rows.filter(number=text).first() if text else None
    return found or rows.filter(pk=whole(text)).first()
