"""The pages of item requirements: works, wrong method, stranger, wrong state, leaves a trace."""

from decimal import Decimal

import pytest
from django.urls import reverse

from servicemgmt.core.models import Event
from servicemgmt.core.roles import DISPATCHER, FINANCE, MANAGER, PLANNER, TECHNICIAN
from servicemgmt.inventory.operations import receive
from servicemgmt.projects.models import ItemRequirement, RequirementStatus
from servicemgmt.projects.operations import require_item
from tests import make_money as make
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> ItemRequirement:
    """Four of ten pieces, reserved."""
    receive(make.item(), make.warehouse(), Decimal(10), value=Decimal(60), on=make.TODAY, by=None)
    return require_item(
        make.project(),
        make.item(),
        Decimal(4),
        category=make.category("ITEM"),
        warehouse=make.warehouse(),
        needed_on=make.TODAY,
        by=None,
    )


@pytest.fixture
def pia(client):
    client.force_login(user_in(PLANNER))
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def url(name: str, row: ItemRequirement, *more: int) -> str:
    return reverse(f"projects:requirement_{name}" if name else "projects:requirement", args=[row.pk, *more])


def step(row: ItemRequirement, quantity: str = "4") -> dict[str, object]:
    row.refresh_from_db()
    return {"version": row.version, "quantity": quantity, "on": "2026-03-16"}


def test_SO_17_an_item_is_reserved_for_a_project(pia, row):
    asked = {
        "project": row.project.pk,
        "item": row.item.pk,
        "quantity": "2",
        "warehouse": row.warehouse.pk,
        "needed_on": "2026-03-20",
        "category": row.category.pk,
    }
    new = reverse("projects:requirement_new")
    answer = pia.post(new, asked)
    assert "Available there besides" in text_of(pia.get(answer.url))
    assert "4 PC" in text_of(pia.get(answer.url))
    assert pia.post(new, asked | {"quantity": "0"}).status_code == 422
    service = make.item("S-1", stocked=False)
    assert pia.post(new, asked | {"item": service.pk}).status_code == 422
    assert row.project.name in text_of(pia.get(f"{new}?project={row.project.pk}"))
    listed = text_of(pia.get(reverse("projects:requirements"), {"project": row.project.pk}))
    assert listed.count("Part F-100") == 2
    assert "?project=" in text_of(pia.get(reverse("projects:project", args=[row.project.number])))


@pytest.mark.usefixtures("in_march")
def test_SO_18_a_requirement_goes_its_steps_on_its_page(pia, row):
    assert pia.post(url("pick", row), step(row, "5")).status_code == 409
    assert pia.post(url("pick", row), step(row, "")).status_code == 422
    assert "Pick into" in text_of(pia.get(url("", row)))
    assert pia.post(url("pick", row), step(row)).status_code == 302
    assert pia.post(url("consume", row), step(row, "3")).status_code == 302
    shown = text_of(pia.get(url("", row)))
    assert "V-2026-" in shown and "Take back" in shown and "Pick into" not in shown
    told = Event.objects.filter(subject=f"itemrequirement:{row.pk}").values_list("changes", flat=True)
    assert all(old != new for changes in told for old, new in changes.values())
    used = row.steps.get(kind="CONSUME")
    assert pia.post(url("undo", row, used.pk), step(row)).status_code == 302
    again = pia.post(url("undo", row, used.pk), step(row))
    assert again.status_code == 409 and "taken back already" in text_of(again)
    assert pia.post(url("consume", row), step(row, "3")).status_code == 302
    stale = pia.post(url("return", row), step(row, "1") | {"version": 1})
    assert stale.status_code == 409 and "Somebody else changed this requirement" in text_of(stale)
    assert pia.post(url("return", row), step(row, "1")).status_code == 302
    row.refresh_from_db()
    assert row.status == RequirementStatus.CONSUMED
    assert "Next step" not in text_of(pia.get(url("", row)))
    assert pia.post(url("delete", row), step(row)).status_code == 409
    trail = Event.objects.filter(subject=f"itemrequirement:{row.pk}")
    assert trail.filter(actor=user_in(PLANNER)).count() == 5


def test_SO_17_the_need_is_changed_and_deleted(pia, row):
    asked = {"version": 1, "quantity": "6", "needed_on": "2026-03-20", "text": "Later"}
    assert pia.post(url("change", row), asked).status_code == 302
    assert pia.post(url("change", row), asked).status_code == 409
    assert pia.post(url("change", row), asked | {"quantity": ""}).status_code == 422
    assert pia.get(url("delete", row)).status_code == 405
    assert pia.post(url("delete", row), {"version": 2}).url == reverse("projects:requirements")
    assert pia.get(url("", row)).status_code == 404


def test_requirements_are_a_list_and_a_file(pia, row):
    answer = pia.get(reverse("projects:requirements"), {"format": "csv", "tab": "open"})
    text = b"".join(answer.streaming_content).decode()
    assert "F-100" in text and "Reserved" in text
    assert pia.post(reverse("projects:requirements")).status_code == 405
    assert pia.post(url("", row)).status_code == 405


@pytest.mark.parametrize(
    ("role", "sees", "changes", "consumes"),
    [
        (PLANNER, True, True, True),
        (MANAGER, True, True, True),
        (FINANCE, True, True, True),
        (DISPATCHER, True, True, False),
        (TECHNICIAN, False, False, False),
        ("", False, False, False),
    ],
)
def test_C_12_who_reserves_and_who_consumes(client, row, role, sees, changes, consumes):
    client.force_login(user_in(role) if role else stranger())
    for name in ("projects:requirements",):
        assert client.get(reverse(name)).status_code == (200 if sees else 403)
    assert client.get(url("", row)).status_code == (200 if sees else 403)
    assert client.get(reverse("projects:requirement_new")).status_code == (200 if changes else 403)
    for name in ("change", "pick", "return", "delete"):
        assert (client.post(url(name, row)).status_code != 403) == changes
    assert (client.post(url("consume", row)).status_code != 403) == consumes
    assert (client.post(url("undo", row, 1)).status_code != 403) == consumes
