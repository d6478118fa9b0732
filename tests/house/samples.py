"""A small company with work in every state, and one row for every page that shows one."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from agreements.models import AgreementObject, PriceAdjustment, ServiceAgreement, ServiceBom, ServiceObject
from agreements.operations import suspend
from dispatch.models import Booking
from orders.models import Loan, ServiceOrder, ServiceRequest
from servicemgmt.core.models import Outbox, Run, User
from servicemgmt.inventory.models import Lot, StockCount
from servicemgmt.ledger.models import Account, OpeningBalance, Voucher
from servicemgmt.masterdata.models import Contact, PaymentTerm, Site
from servicemgmt.projects.models import (
    AccrualSlice,
    CustomerItem,
    Invoice,
    InvoiceProposal,
    ItemRequirement,
    Milestone,
    Payment,
    Reminder,
    Settlement,
    Transaction,
)
from servicemgmt.projects.operations import make_reminders
from servicemgmt.seed import seed_company
from servicemgmt.seed.days import FORTNIGHT
from subscriptions.models import Subscription
from tests.accounts.make import open_invitation
from tests.make_money import company_today

#: What is asked of a quote alone.
STEPS = ["agree", "decline", "offer", "sign"]


def seed_small_company() -> None:
    """The demonstration company with a fortnight of work instead of three months."""
    now = timezone.now()
    assert seed_company(at=now, span=FORTNIGHT)
    owing = CustomerItem.objects.filter(open__gt=0).values_list("customer", flat=True)
    later = company_today() + timedelta(days=60)  # nothing is overdue after a fortnight
    for on in (later, later + timedelta(days=30)):  # a fee is asked for the second time
        assert make_reminders(customers=set(owing), on=on, by=None, at=now)
    resting = ServiceAgreement.objects.contracts().order_by("-pk")[1]
    suspend(resting.pk, reason="Unpaid", version=resting.version, by=None, on=company_today())


def sample_rows(administrator: User) -> dict[str, Any]:
    """What to put for a route's parameter, by the route up to and with it, or behind a whole route; with a slash first
    it is the path itself, where a page is of a row in another state.

    The job is a visit that the technician has before him.
    """
    order = ServiceOrder.objects.filter(sign_offs__isnull=False, lines__status="POSTED").first()
    planned = (
        Booking.objects.live()
        .filter(worker__user__email__startswith="technician", activity__order__origin="REQUEST")
        .latest("during")
    )
    seen = ServiceObject.objects.visible_to(planned.worker.user).order_by("number").first()
    proposal = InvoiceProposal.objects.filter(status="DRAFT").first()
    agreement = ServiceAgreement.objects.contracts().filter(lines__isnull=False).first()
    quote = ServiceAgreement.objects.quotes().first()
    resting = ServiceAgreement.objects.filter(suspended=True).first()
    fee = CustomerItem.objects.still_open().filter(kind="FEE").first()
    contact = Contact.objects.select_related("customer").first()
    invitation, token = open_invitation(by=administrator)
    bom = ServiceBom.objects.first()
    assert order and seen and proposal and agreement and contact and bom and quote and resting and fee
    return {
        "documents/work-description/<str:number>": order.number,
        "users/<int:pk>": administrator.pk,
        "users/invitations/<int:pk>": invitation.pk,
        "invitation/<str:token>": token,
        "runs/<int:pk>": first(Run).pk,
        "mails/<int:pk>": first(Outbox).pk,
        "audit/of/<str:subject>": f"serviceorder:{order.pk}",
        "setup/<slug:name>": "paymentterm",
        "setup/<slug:name>/<str:pk>": first(PaymentTerm).pk,
        "masterdata/customers/<str:number>": contact.customer.number,
        "masterdata/customers/<str:number>/contacts/<int:pk>": contact.pk,
        "masterdata/sites/<str:number>": first(Site).number,
        "masterdata/employees/<str:number>": planned.worker.number,
        "ledger/vouchers/<str:number>": Voucher.objects.filter(entries__isnull=False).first().number,
        "ledger/opening/<int:pk>": first(OpeningBalance).pk,
        "ledger/accounts/<str:code>": first(Account).code,
        "stock/counts/<int:pk>": first(StockCount).pk,
        "stock/numbers/<int:pk>": first(Lot).pk,
        "projects/accruals/of/<int:pk>": first(AccrualSlice).transaction_id,
        "projects/milestones/<int:pk>": first(Milestone).pk,
        "projects/requirements/<int:pk>": first(ItemRequirement).pk,
        "projects/transactions/<int:pk>": first(Transaction).pk,
        "projects/proposals/<str:number>": proposal.number,
        "projects/invoices/<str:number>": first(Invoice).number,
        "projects/payments/<str:number>": Payment.objects.filter(reverses=None).first().number,
        "projects/open-items/<int:pk>": CustomerItem.objects.still_open().filter(kind="OPENING").first().pk,
        "projects/settlements/<int:pk>": first(Settlement).pk,
        "projects/open-items/statements/<str:number>": first(Payment).customer.number,
        "projects/reminders/<str:number>": first(Reminder).number,
        "documents/agreement/<str:number>": agreement.number,
        "documents/statement/<str:number>": first(Payment).customer.number,
        "documents/reminder/<str:number>": first(Reminder).number,
        "projects/<str:number>": proposal.project.number,
        "agreements/objects/<str:number>": first(ServiceObject).number,
        "documents/labels/": f"?pk={bom.service_object.pk}",
        "dispatch/objects/<str:number>": seen.number,
        "o/<str:number>": bom.service_object.number,
        "agreements/boms/<int:pk>": bom.pk,
        "agreements/boms/attach/<int:relation>": AgreementObject.objects.filter(service_bom=None).first().pk,
        "agreements/boms/templates/<str:number>": bom.template.number,
        "orders/boms/<int:pk>": bom.pk,
        "orders/boms/parts/<int:pk>": bom.lines.filter(quantity__gt=0).first().pk,
        "orders/<str:number>/objects/<int:pk>": order.object_relations.first().pk,
        "agreements/<str:number>": agreement.number,
        **{f"agreements/<str:number>/{step}/": f"/agreements/{quote.number}/{step}/" for step in STEPS},
        "agreements/<str:number>/resume/": f"/agreements/{resting.number}/resume/",
        "projects/reminders/<str:number>/waive/": f"/projects/reminders/{fee.label}/waive/",
        "agreements/<str:number>/prices/<str:what>": "sales",
        "agreements/adjustments/<int:pk>": first(PriceAdjustment).pk,
        "agreements/<str:number>/lines/<int:pk>": agreement.lines.first().pk,
        "agreements/<str:number>/tasks/<int:pk>": agreement.task_relations.first().pk,
        "subscriptions/<str:number>": first(Subscription).number,
        "orders/plan/<str:number>": agreement.number,
        "orders/of-agreement/<str:number>": agreement.number,
        "orders/of-object/<str:number>": first(ServiceObject).number,
        "orders/loans/<int:pk>": Loan.objects.filter(returned_on=None).first().pk,
        "orders/loans/of-object/<str:number>": first(Loan).service_object.number,
        "orders/of-run/<int:pk>": Run.objects.filter(kind="create_orders").first().pk,
        "orders/requests/<str:number>": ServiceRequest.objects.filter(order=None).first().number,
        "orders/<str:number>": order.number,
        "dispatch/schedule/": f"?order={ServiceOrder.objects.filter(stage__code='PLANNING').first().pk}",
        "dispatch/bookings/<int:pk>": planned.pk,
        "dispatch/jobs/<int:pk>": planned.pk,
        "job order": planned.activity.order.number,
        "job object": seen.number,
    }


def first(model: type) -> Any:
    found = model.objects.order_by("pk").first()
    assert found, f"the small company has no {model.__name__}"
    return found
