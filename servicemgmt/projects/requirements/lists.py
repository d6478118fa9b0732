"""The list of item requirements, and what the trail calls what is done with them."""

from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet, ModelChoiceFilter

from servicemgmt.core.audit import register_subject
from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Column, ListSpec, Tab
from servicemgmt.core.trail import name_actions
from servicemgmt.inventory.models import Warehouse
from servicemgmt.masterdata.models import Item

from ..models import ItemRequirement, Project, RequirementQuerySet, RequirementStatus

REQUIREMENT_TONES: dict[str, str] = {
    RequirementStatus.RESERVED: "blue",
    RequirementStatus.PICKED: "orange",
    RequirementStatus.CONSUMED: "green",
    RequirementStatus.RETURNED: "gray",
}


class RequirementFilter(FilterSet):
    project = ModelChoiceFilter(label=_("Project"), queryset=Project.objects.all())
    item = ModelChoiceFilter(label=_("Item"), queryset=Item.objects.all())
    warehouse = ModelChoiceFilter(label=_("Warehouse"), queryset=Warehouse.objects.all())
    needed_on = DateFromToRangeFilter(label=_("Needed on"))
    status = ChoiceFilter(label=_("Status"), choices=RequirementStatus.choices)

    class Meta:
        model = ItemRequirement
        fields: list[str] = []


def requirements_listed() -> RequirementQuerySet:
    """All requirements with what is still to be picked (`to_pick`)."""
    rows: RequirementQuerySet = ItemRequirement.objects.annotate(to_pick=F("quantity") - F("picked"))
    return rows


def document_url(row: dict[str, Any]) -> str:
    return reverse("core:open_subject", args=[row["subject"]]) if row["subject"] else ""


REQUIREMENTS = ListSpec(
    name="item-requirements",
    title=_("Item requirements"),
    help=_(
        "Goods kept for projects and service orders until they are used: reserved, picked, consumed or returned."
    ),
    columns=[
        Column(
            "item__number", _("Item"), sort="item__number", kind="link", sub=lambda row: row["item__name"]
        ),
        Column("item__name", _("Name"), only_export=True),
        Column("project__number", _("Project"), sort="project__number"),
        Column("label", _("Document"), href=document_url),
        Column("needed_on", _("Needed on"), sort="needed_on"),
        Column("warehouse__description", _("Warehouse"), sort="warehouse__description"),
        Column("quantity", _("Quantity"), sort="quantity"),
        Column("to_pick", _("To pick")),
        Column("consumed", _("Consumed")),
        Column("returned", _("Returned")),
        Column("item__unit__code", _("Unit")),
        Column("status", _("Status"), kind="badge", tone=lambda row: REQUIREMENT_TONES[row["status"]]),
    ],
    default_sort="needed_on",
    needs=["item__name", "subject"],
    filterset=RequirementFilter,
    row_url=lambda row: reverse("projects:requirement", args=[row["pk"]]),
    create=("projects:requirement_new", _("Reserve an item"), "projects.add_itemrequirement"),
    tabs=[
        Tab("open", _("Open"), Q(status__in=[RequirementStatus.RESERVED, RequirementStatus.PICKED])),
        Tab("all", _("All")),
    ],
    empty_title=_("Nothing is reserved"),
    empty_text=_("Reserve items for a project, or on the page of a service order."),
    empty_icon="boxes",
)

register_subject(
    "itemrequirement",
    permission="projects.view_itemrequirement",
    view="projects:requirement",
    label=_("Item requirement"),
)
name_actions(
    {
        "requirement_pick": _("Picked"),
        "requirement_consume": _("Consumed"),
        "requirement_return": _("Returned"),
        "requirement_undo": _("Consumption taken back"),
        "item_required": _("Item reserved"),
    }
)
