"""The figures of the start page: each is read at most once a request, however many sections want it. No writes."""

from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from agreements.lists import SOON as ENDS_SOON
from agreements.models import ServiceAgreement
from agreements.renewal.lists import expiring, to_decide
from dispatch.models import Booking
from dispatch.queries.board import first_day_with_work
from dispatch.shifts import midnights
from orders.filters import sla_condition, to_post
from orders.listing import OPEN, OVERDUE
from orders.loans.lists import overdue
from orders.models import (
    Assignment,
    Loan,
    OrderProgress,
    Phase,
    Priority,
    RequestStatus,
    ServiceOrder,
    ServiceRequest,
    ServiceStage,
    SlaStatus,
)
from reporting.margin.facts import Firm, Source, facts, totals
from servicemgmt.core.accounts.queries import with_second_factor
from servicemgmt.core.models import Invitation, Run, RunMessage, User
from servicemgmt.core.models.run import RunStatus
from servicemgmt.masterdata.models import Company
from servicemgmt.projects.models import InvoiceProposal, ProposalStatus, Transaction
from subscriptions.queries import fees_to_invoice

FEW = 6
RECENT_RUNS = timedelta(days=30)


class Numbers:
    """What needs doing as of `at`; days are the company's."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    @cached_property
    def company(self) -> Company | None:
        """None before the company is set up."""
        return Company.objects.select_related("calendar", "currency").first()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.company.time_zone if self.company else "UTC")

    @cached_property
    def today(self) -> date:
        return self.at.astimezone(self.zone).date()

    @cached_property
    def month_start(self) -> date:
        return self.today.replace(day=1)

    @cached_property
    def orders(self) -> dict[str, int]:
        """Open and signed orders by what they wait for, in one pass over what is not posted."""
        nobody = ~Exists(Assignment.objects.filter(order=OuterRef("pk")))
        late_clock = OPEN & sla_condition("late")
        counts: dict[str, Any] = {
            "unassigned": OPEN & nobody,
            "late": OVERDUE | late_clock,
            "hold": OPEN & Q(stage__phase=Phase.PAUSED),
            "sla_late": late_clock,
            "sla_soon": OPEN & sla_condition("soon"),
            "to_post": to_post(),
        }
        return ServiceOrder.objects.filter(progress=OrderProgress.IN_PROCESS).aggregate(
            **{name: Count("pk", filter=condition) for name, condition in counts.items()}
        )

    @cached_property
    def deadlines(self) -> QuerySet[ServiceOrder]:
        """The running clocks that end first."""
        return (
            ServiceOrder.objects.filter(OPEN, sla_status=SlaStatus.STARTED)
            .select_related("customer", "site", "stage")
            .order_by("deadline", "pk")[:FEW]
        )

    @cached_property
    def waiting(self) -> QuerySet[ServiceOrder]:
        """The signed orders that wait longest for posting."""
        return (
            ServiceOrder.objects.filter(to_post())
            .select_related("customer")
            .order_by("signed_off_at", "pk")[:FEW]
        )

    @cached_property
    def nobodys(self) -> QuerySet[ServiceOrder]:
        """The next visits that nobody is on."""
        nobody = ~Exists(Assignment.objects.filter(order=OuterRef("pk")))
        return (
            ServiceOrder.objects.filter(OPEN, nobody)
            .select_related("customer")
            .order_by("service_on", "pk")[:FEW]
        )

    @cached_property
    def calls(self) -> list[ServiceRequest]:
        """Open requests, urgent ones first, then the oldest."""
        return list(
            ServiceRequest.objects.filter(status=RequestStatus.OPEN)
            .select_related("customer")
            .annotate(is_urgent=Q(priority=Priority.HIGH))
            .order_by("-is_urgent", "received_at")[:FEW]
        )

    @cached_property
    def loans(self) -> int:
        """How many loaners should be back by now."""
        return Loan.objects.filter(overdue(self.today)).count()

    @cached_property
    def requests(self) -> dict[str, int]:
        urgent = Q(priority=Priority.HIGH)
        return ServiceRequest.objects.filter(status=RequestStatus.OPEN).aggregate(
            all=Count("pk"), urgent=Count("pk", filter=urgent)
        )

    @cached_property
    def board_day(self) -> date:
        """The day on which the board opens."""
        return first_day_with_work(self.today, self.zone.key, self.company.calendar if self.company else None)

    @cached_property
    def load(self) -> list[dict[str, Any]]:
        """The booked time of that day by technician, the busiest first."""
        start, end = midnights(self.board_day, self.zone.key)
        return list(
            Booking.objects.live()
            .filter(during__startswith__gte=start, during__startswith__lt=end)
            .values("worker__name")
            .annotate(time=Sum(F("during__endswith") - F("during__startswith")), visits=Count("pk"))
            .order_by("-time", "worker__name")
        )

    @cached_property
    def to_decide(self) -> QuerySet[Any]:
        """Agreements whose time for notice runs out, and nobody has said yet how they go on."""
        return (
            expiring().filter(to_decide(self.today)).select_related("customer").order_by("notice_until", "pk")
        )

    @cached_property
    def ending(self) -> QuerySet[ServiceAgreement]:
        """Agreements in force that end within 60 days."""
        return (
            ServiceAgreement.objects.contracts()
            .filter(
                start_date__lte=self.today,
                suspended=False,
                end_date__range=(self.today, self.today + ENDS_SOON),
            )
            .select_related("customer")
            .order_by("end_date", "pk")
        )

    @cached_property
    def to_invoice(self) -> list[dict[str, Any]]:
        """Charged work and fees in no proposal yet, by currency, the largest first."""
        rows = Transaction.objects.to_invoice().order_by().values("currency__code")
        counted = rows.annotate(rows=Count("pk"), amount=Sum("sales_amount")).order_by("-rows")
        return [dict(row) for row in counted]

    @cached_property
    def drafts(self) -> int:
        return InvoiceProposal.objects.filter(status=ProposalStatus.DRAFT).count()

    @cached_property
    def fees(self) -> int:
        return fees_to_invoice().count()

    @cached_property
    def postings(self) -> list[Run]:
        """The last posting runs, each with how many orders or proposals it refused."""
        refused = Count("messages", filter=Q(messages__level=RunMessage.Level.ERROR))
        return list(
            Run.objects.filter(kind__in=["post_orders", "post_invoices"])
            .annotate(refused=refused)
            .order_by("-pk")[:FEW]
        )

    @cached_property
    def margins(self) -> list[dict[str, Any]]:
        """Cost and sales of this month's orders (RE-01, posted), one row a currency of cost."""
        orders = ServiceOrder.objects.filter(service_on__gte=self.month_start, service_on__lte=self.today)
        return totals(facts(orders, Source.POSTED, self.firm))

    @cached_property
    def firm(self) -> Firm:
        return Firm.of_company(self.company)

    @cached_property
    def stages(self) -> list[ServiceStage]:
        """The stages with how many orders in process stand in each."""
        count = Count("orders", filter=Q(orders__progress=OrderProgress.IN_PROCESS))
        return list(ServiceStage.objects.annotate(count=count).filter(count__gt=0).order_by("pk"))

    @cached_property
    def kept(self) -> dict[str, int]:
        """This month's orders with an SLA whose clock ended: how many in time, how many not."""
        ended = Q(sla_status=SlaStatus.STOPPED, service_on__gte=self.month_start, service_on__lte=self.today)
        return ServiceOrder.objects.filter(ended).aggregate(
            all=Count("pk"), late=Count("pk", filter=Q(compliance__gt=100))
        )

    @cached_property
    def without_factor(self) -> QuerySet[User]:
        """Active users who sign in with a password alone."""
        people = with_second_factor(User.objects.filter(is_active=True))
        return people.exclude(has_factor=True).order_by("name")  # type: ignore[misc]

    @cached_property
    def invitations(self) -> dict[str, int]:
        return Invitation.objects.filter(accepted_at=None, withdrawn_at=None).aggregate(
            open=Count("pk", filter=Q(expires_at__gt=self.at)),
            expired=Count("pk", filter=Q(expires_at__lte=self.at)),
        )

    @cached_property
    def failed_since(self) -> date:
        return self.today - RECENT_RUNS

    @cached_property
    def failed(self) -> list[Run]:
        """Runs that failed in the last 30 days."""
        since = datetime.combine(self.failed_since, datetime.min.time(), self.zone)
        return list(Run.objects.filter(status=RunStatus.FAILED, queued_at__gte=since).order_by("-pk"))
