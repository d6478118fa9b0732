"""Two mobile chillers of the company's own: one is lent, the other is back."""

from datetime import timedelta

from agreements.models import ServiceObject, ServiceObjectGroup
from agreements.operations import create_objects
from orders.loans.operations import lend, take_back
from orders.models import OrderObject, OrderProgress
from servicemgmt.masterdata.operations import create_site

from .crew import Crew
from .people import BERLIN

LOANERS = [("Mobile chiller Polar 20", "PO23-20041"), ("Mobile chiller Polar 35", "PO24-35007")]


def seed_loans(crew: Crew) -> None:
    """One stands in for what is repaired by the oldest open order and should be back by now; the other was out."""
    by, today = crew.user("Dispatcher"), crew.today
    store = create_site(
        name="Loan store", street="Werkstraße 12", postal_code="12099", city="Berlin", time_zone=BERLIN, by=by
    )
    group = crew.masters(ServiceObjectGroup, "HVAC")
    rows = [
        ServiceObject(description=what, serial_number=number, group=group, site=store, is_loaner=True)
        for what, number in LOANERS
    ]
    out, back = create_objects(rows, by=by)
    waiting = OrderObject.objects.filter(
        order__progress=OrderProgress.IN_PROCESS,
        order__site__time_zone=BERLIN,
        service_object__group=group,
    )
    broken = waiting.select_related("order", "service_object").order_by("order__service_on", "pk")[0]
    lend(
        out,
        order=broken.order,
        stands_in_for=broken.service_object,
        lent_on=today - timedelta(days=9),
        due_on=today - timedelta(days=2),
        condition="Two hoses and the key to the cabinet go along.",
        today=today,
        by=by,
    )
    loan = lend(
        back,
        customer=broken.order.customer,
        site=broken.order.site,
        lent_on=today - timedelta(days=40),
        due_on=today - timedelta(days=30),
        today=today,
        by=by,
    )
    take_back(
        loan.pk,
        returned_on=today - timedelta(days=31),
        condition="Clean; one hose is new.",
        version=loan.version,
        today=today,
        by=by,
    )
