"""Labels of service objects, and what their scan opens."""

import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from agreements.operations import swap_serial
from orders.models import OrderProgress, ServiceOrder
from reporting.labels.sheets import SHEETS, pages
from reporting.labels.views import drawn
from tests.cast import stranger, user_in
from tests.documents.make import pages_of
from tests.make_agreements import make_object, make_site
from tests.make_boms import make_bom, make_relation
from tests.make_dispatch import make_booking, make_technician, make_visit
from tests.make_money import company_today

pytestmark = pytest.mark.django_db


def test_places_used_before_stay_free_and_sheets_follow_each_other() -> None:
    sheet = SHEETS["99x68"]
    assert pages(["a", "b", "c"], sheet, 7) == [[None] * 6 + ["a", "b"], ["c"]]
    assert [len(found) for found in pages(list("abcdefghi"), sheet, 1)] == [8, 1]


def test_the_code_is_one_drawing_that_scales() -> None:
    root = ET.fromstring(drawn("http://testserver/o/OB-00001/"))
    assert root.tag.endswith("svg") and root.get("viewBox") and not root.get("width")


def test_labels_of_chosen_objects_are_a_pdf(client: Client) -> None:
    client.force_login(user_in("Planner"))
    things = [make_object(f"Lift {number}", serial_number=f"S-{number}") for number in range(3)]
    keys = [thing.pk for thing in things]
    listed = client.get(reverse("agreements:objects"))
    assert reverse("reporting:labels") in listed.text
    asked = client.post(reverse("reporting:labels"), {"pk": keys})
    assert asked.status_code == 200 and "Lift 2" in asked.text
    assert client.post(reverse("reporting:labels")).status_code == 302
    sheets = reverse("reporting:label_sheets")
    printed = pages_of(client.get(sheets, {"pk": keys, "sheet": "99x68", "start": "7"}).content)
    assert len(printed) == 2 and things[0].number in printed[0] and things[2].number in printed[1]
    shown = client.get(sheets, {"pk": keys, "sheet": "63x38", "start": "1", "format": "html"})
    assert shown.text.count("<svg") == 3
    refused = client.get(sheets, {"pk": keys, "sheet": "99x68", "start": "9"})
    assert refused.status_code == 422 and "8 labels" in refused.text
    client.force_login(user_in("Technician"))
    assert client.get(sheets, {"pk": keys}).status_code == 403


def test_a_scan_leads_the_technician_to_the_tablet_and_others_to_the_page(client: Client) -> None:
    bo, thing = user_in("Technician"), make_object("Lift 1", site=make_site(access_note="Ring twice"))
    scan, tablet = (
        reverse("scan:object", args=[thing.number]),
        reverse("dispatch:object", args=[thing.number]),
    )
    assert scan == f"/o/{thing.number}/"
    assert client.get(scan)["Location"].endswith(f"next={scan}")
    client.force_login(user_in("Planner"))
    assert client.get(scan)["Location"] == reverse("agreements:object", args=[thing.number])
    assert client.get(tablet).status_code == 403
    client.force_login(stranger())
    assert client.get(scan).status_code == 403
    client.force_login(bo)
    assert client.get(scan).status_code == client.get(tablet).status_code == 404
    today = company_today()
    order = make_visit(service_object=thing, service_on=today, description="Doors stick")
    job = make_booking(order, make_technician(), day=today)
    make_bom(4, relation=make_relation(service_object=thing))
    assert client.get(scan.lower())["Location"] == tablet
    page = client.get(tablet).text
    assert "Doors stick" in page and reverse("dispatch:job", args=[job.pk]) in page
    assert "Ring twice" in page and "Part P1" in page and "Report a fault" not in page
    bo.user_permissions.add(Permission.objects.get(codename="add_servicerequest"))
    assert "Report a fault" in client.get(tablet).text


def test_the_tablet_tells_visits_and_swapped_numbers_the_latest_first(client: Client) -> None:
    thing, today = make_object("Lift 1", serial_number="S-1"), company_today()
    make_booking(make_visit(service_object=thing, service_on=today), make_technician(), day=today)
    for days, description in ((9, "Spring visit"), (3, "Latest visit")):
        order = make_visit(
            service_object=thing, service_on=today - timedelta(days=days), description=description
        )
        make_booking(order, make_technician(), day=order.service_on)
        ServiceOrder.objects.filter(pk=order.pk).update(progress=OrderProgress.CANCELLED)
    swap_serial(thing.pk, serial_number="S-2", on=today - timedelta(days=6), version=thing.version, by=None)
    client.force_login(user_in("Technician"))
    page = client.get(reverse("dispatch:object", args=[thing.number])).text
    told = [page.index(text) for text in ("Latest visit", "Serial number swapped", "Spring visit")]
    assert told == sorted(told)
