"""What an operation left or refused, and what the forms of the pages post."""

from typing import Any

import pytest
from django.urls import reverse

from agreements.models import ServiceAgreement
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Event
from tests import make_money
from tests.make_agreements import make_group, make_interval, make_object, make_project


def events(agreement: ServiceAgreement) -> list[str]:
    subject = f"serviceagreement:{agreement.pk}"
    return list(Event.objects.filter(subject=subject).order_by("pk").values_list("action", flat=True))


def refused_field(refusal: pytest.ExceptionInfo[Invalid]) -> str:
    return refusal.value.field


def url(name: str, *arguments: Any) -> str:
    return reverse(f"agreements:{name}", args=arguments)


def header(agreement: ServiceAgreement | None = None, **fields: Any) -> dict[str, Any]:
    """What the form of a header posts."""
    found = {
        "description": "Lift care",
        "group": make_group().pk,
        "start_date": "2026-01-01",
        "combine_by": "AGREEMENT",
        "sla_on_generated_orders": "on",
        "version": agreement.version if agreement else "",
        "project": agreement.project_id if agreement else make_project().pk,
    }
    return found | fields


def line_data(**fields: Any) -> dict[str, Any]:
    found = {
        "description": "Inspection",
        "category": make_money.category().pk,
        "quantity": "2.5",
        "start_date": "2026-01-01",
        "interval": make_interval().pk,
    }
    return found | fields


def object_data(**fields: Any) -> dict[str, Any]:
    thing = make_object("The sequence")
    return {"description": "Lift 9", "group": thing.group_id, "site": thing.site_id} | fields
