"""What the lists of orders and requests can be narrowed by."""

from typing import Any

import django_filters as df
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.masterdata.models import Customer, Employee, Team
from servicemgmt.projects.models import Project

from .models import (
    Assignment,
    OrderOrigin,
    OrderProgress,
    Phase,
    Priority,
    ServiceOrder,
    ServiceRequest,
    ServiceStage,
    SlaStatus,
)
from .sla import SOON

SLA_STATES = [
    ("running", _("Running")),
    ("soon", _("Due soon")),
    ("late", _("Exceeded")),
    ("stopped", _("Stopped")),
    ("cancelled", _("Cancelled")),
    ("none", _("No SLA")),
]


def sla_condition(state: str) -> Q:
    """The orders whose clock is in that state now; `late` counts those that were stopped too late as well."""
    running, late = Q(sla_status=SlaStatus.STARTED), Q(deadline__lt=Now())
    conditions = {
        "running": running & ~late,
        "soon": running & ~late & Q(deadline__lt=Now() + SOON),
        "late": (running & late)
        | Q(sla_status__in=[SlaStatus.STOPPED, SlaStatus.CANCELLED], compliance__gt=100),
        "stopped": Q(sla_status=SlaStatus.STOPPED),
        "cancelled": Q(sla_status=SlaStatus.CANCELLED),
        "none": Q(sla_status=SlaStatus.NONE),
    }
    return conditions[state]


def to_post() -> Q:
    """Signed off, not posted, in a stage that allows posting."""
    return Q(
        progress=OrderProgress.IN_PROCESS,
        signed_off_at__isnull=False,
        stage__can_transfer=True,
        project__isnull=False,
    )


class OrderFilter(df.FilterSet):
    stage = df.ModelChoiceFilter(queryset=ServiceStage.objects.all(), label=_("Stage"))
    phase = df.ChoiceFilter(field_name="stage__phase", choices=Phase.choices, label=_("Phase"))
    progress = df.ChoiceFilter(choices=OrderProgress.choices, label=_("Progress"))
    priority = df.ChoiceFilter(choices=Priority.choices, label=_("Priority"))
    customer = df.ModelChoiceFilter(queryset=Customer.objects.all(), label=_("Customer"))
    project = df.ModelChoiceFilter(queryset=Project.objects.all(), label=_("Project"))
    team = df.ModelChoiceFilter(queryset=Team.objects.all(), method="of_team", label=_("Team"))
    worker = df.ModelChoiceFilter(queryset=Employee.objects.all(), method="of_worker", label=_("Technician"))
    sla = df.ChoiceFilter(choices=SLA_STATES, method="in_sla_state", label=_("SLA"))
    service_on = DateFromToRangeFilter(label=_("Service date"))
    origin = df.ChoiceFilter(choices=OrderOrigin.choices, label=_("Origin"))
    unposted = df.BooleanFilter(method="signed_not_posted", label=_("Signed off, not posted"))

    class Meta:
        model = ServiceOrder
        fields = ["stage", "phase", "progress", "priority", "customer"]

    def of_team(self, rows: QuerySet[Any], name: str, team: Team) -> QuerySet[Any]:
        return rows.filter(Exists(Assignment.objects.filter(order=OuterRef("pk"), worker__team=team)))

    def of_worker(self, rows: QuerySet[Any], name: str, worker: Employee) -> QuerySet[Any]:
        return rows.filter(Exists(Assignment.objects.filter(order=OuterRef("pk"), worker=worker)))

    def in_sla_state(self, rows: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        return rows.filter(sla_condition(state))

    def signed_not_posted(self, rows: QuerySet[Any], name: str, wanted: bool) -> QuerySet[Any]:
        condition = Q(signed_off_at__isnull=False, progress=OrderProgress.IN_PROCESS)
        return rows.filter(condition if wanted else ~condition)


class RequestFilter(df.FilterSet):
    customer = df.ModelChoiceFilter(queryset=Customer.objects.all(), label=_("Customer"))
    priority = df.ChoiceFilter(choices=Priority.choices, label=_("Priority"))
    received_at = DateFromToRangeFilter(label=_("Received"))

    class Meta:
        model = ServiceRequest
        fields = ["customer", "priority"]
