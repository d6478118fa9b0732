"""The list of milestones, and what the trail calls what is done with them."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_filters import FilterSet, ModelChoiceFilter

from servicemgmt.core.audit import register_subject
from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.core.lists import Column, ListSpec, Tab
from servicemgmt.core.trail import name_actions
from servicemgmt.masterdata.models import Customer

from ..lists import of_project
from ..models import Milestone, Project


class MilestoneFilter(FilterSet):
    project = ModelChoiceFilter(label=_("Project"), queryset=Project.objects.all())
    customer = ModelChoiceFilter(
        label=_("Customer"), field_name="project__customer", queryset=Customer.objects.all()
    )
    due_on = DateFromToRangeFilter(label=_("Due"))

    class Meta:
        model = Milestone
        fields: list[str] = []


def invoice_url(row: dict[str, Any]) -> str:
    number = row["transaction__invoice__number"]
    return reverse("projects:invoice", args=[number]) if number else ""


MILESTONES = ListSpec(
    name="milestones",
    title=_("Milestones"),
    help=_("Parts of fixed prices: completing one posts its fee, which is then invoiced."),
    columns=[
        Column("description", _("Milestone"), kind="link"),
        Column("project__number", _("Project"), sort="project__number", kind="link", href=of_project),
        Column("project__customer__name", _("Customer"), sort="project__customer__name"),
        Column("due_on", _("Due"), sort="due_on"),
        Column("amount", _("Amount"), kind="money", currency="project__currency__code"),
        Column("completed_on", _("Completed"), sort="completed_on"),
        Column("transaction__invoice__number", _("Invoice"), kind="link", href=invoice_url),
    ],
    default_sort="due_on",
    filterset=MilestoneFilter,
    row_url=lambda row: reverse("projects:milestone", args=[row["pk"]]),
    tabs=[
        Tab("open", _("Open"), Q(completed_on=None)),
        Tab("completed", _("Completed"), Q(completed_on__isnull=False)),
        Tab("all", _("All")),
    ],
    empty_title=_("No milestones"),
    empty_text=_("Plan them on the page of a fixed price project."),
    empty_icon="target",
)

register_subject(
    "milestone", permission="projects.view_milestone", view="projects:milestone", label=_("Milestone")
)
name_actions(
    {
        "milestone_completed": _("Completed"),
        "milestone_reopened": _("Completion taken back"),
        "milestone_deleted": _("Milestone deleted"),
    }
)
