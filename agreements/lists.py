"""The lists of agreements and service objects."""

from dataclasses import replace
from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Sentence
from servicemgmt.core.lists import Action, Column, ListSpec, Row, Tab

from .filters import AgreementFilter, ObjectFilter
from .models import AgreementStatus
from .models.standing import in_force
from .quoting.rules import is_expired

#: An agreement that ends within so many days is shown as ending soon.
SOON = timedelta(days=60)


#: What decides of the state of an agreement.
STATE = ["template_group", "status", "quoted_until", "suspended", "start_date", "end_date"]


def state_of(row: Row, on: date) -> tuple[Sentence, str]:
    """What an agreement is on the day, and the tone of its badge; `row` holds the fields `STATE` that decide."""
    if row["template_group"]:
        return _("Template"), "purple"
    if row["status"] == AgreementStatus.DECLINED:
        return _("Declined"), "gray"
    if is_expired(row["status"], row["quoted_until"], on):
        return _("Quote expired"), "orange"
    if row["status"] == AgreementStatus.QUOTE:
        return _("Quote"), "blue"
    if row["suspended"]:
        return _("Suspended"), "orange"
    if row["end_date"] and row["end_date"] < on:
        return _("Ended"), "gray"
    if row["start_date"] > on:
        return _("Starts later"), "blue"
    if row["end_date"] and row["end_date"] <= on + SOON:
        return _("Ends soon"), "yellow"
    return _("Running"), "green"


AGREEMENTS = ListSpec(
    name="agreements",
    title=_("Service agreements"),
    help=_("What was promised to customers: which visits, how often, until when."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("description", _("Description"), sort="description"),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column("group__description", _("Group"), sort="group__description"),
        Column("start_date", _("From"), sort="start_date"),
        Column("end_date", _("To"), sort="end_date"),
        Column(
            "sla__code",
            _("SLA"),
            sort="sla__code",
            title=lambda row: row["sla__description"] or "",
            needs=["sla__description"],
        ),
        Column("responsible__name", _("Responsible"), sort="responsible__name"),
        Column("quoted_until", _("Quote stands until"), only_export=True),
        Column("decided_on", _("Decided on"), only_export=True),
        Column("decision", _("How or why"), only_export=True),
    ],
    default_sort="-number",
    filterset=AgreementFilter,
    row_url=lambda row: reverse("agreements:agreement", args=[row["number"]]),
    create=("agreements:agreement_new", _("New agreement"), "agreements.add_serviceagreement"),
    create_keeps=["project"],
    tab_counts=True,
    actions=[
        Action(
            "agreements:guided",
            _("Step by step"),
            "list-checks",
            permission="agreements.add_serviceagreement",
        ),
        Action("agreements:templates", _("Templates"), "folder"),
        Action("orders:plan_many", _("Plan visits"), "calendar-plus", permission="orders.add_serviceorder"),
    ],
    bulk_actions=[
        Action("orders:plan_chosen", _("Plan visits"), "calendar-plus", permission="orders.add_serviceorder"),
        Action(
            "agreements:chosen_responsible",
            _("Set responsible"),
            "user-cog",
            permission="agreements.change_serviceagreement",
        ),
        Action(
            "agreements:adjust_chosen",
            _("Adjust prices"),
            "tags",
            permission="agreements.add_priceadjustment",
        ),
    ],
    empty_title=_("No agreements yet"),
    empty_text=_("An agreement says what is done for a customer and how often; visits are created from it."),
    empty_icon="file-text",
)


def agreements_spec(on: date) -> ListSpec:
    """The list as of that day: what runs and what ends soon depends on it."""
    template = Q(template_group__isnull=False)
    contracts = Q(template_group__isnull=True, status=AgreementStatus.AGREED)
    live = contracts & Q(suspended=False)
    tabs = [
        Tab("running", _("Running"), live & in_force(on)),
        Tab("ending", _("Ends soon"), live & Q(start_date__lte=on, end_date__range=(on, on + SOON))),
        Tab("later", _("Starts later"), live & Q(start_date__gt=on)),
        Tab("suspended", _("Suspended"), contracts & Q(suspended=True)),
        Tab("ended", _("Ended"), contracts & Q(end_date__lt=on)),
        Tab("quotes", _("Quotes"), Q(status=AgreementStatus.QUOTE)),
        Tab("declined", _("Declined"), Q(status=AgreementStatus.DECLINED)),
        Tab("templates", _("Templates"), template),
        Tab("all", _("All")),
    ]
    state = Column(
        "state",
        _("State"),
        kind="badge",
        value=lambda row: state_of(row, on)[0],
        tone=lambda row: state_of(row, on)[1],
        needs=STATE,
    )
    return replace(AGREEMENTS, columns=[*AGREEMENTS.columns[:2], state, *AGREEMENTS.columns[2:]], tabs=tabs)


OBJECTS = ListSpec(
    name="service-objects",
    title=_("Service objects"),
    help=_("Machines, installations and buildings that are serviced, and where they stand."),
    columns=[
        Column("number", _("Number"), sort="number", kind="link"),
        Column("description", _("Description"), sort="description"),
        Column("group__description", _("Group"), sort="group__description"),
        Column("customer__name", _("Customer"), sort="customer__name"),
        Column(
            "site__name",
            _("Site"),
            sort="site__name",
            sub=lambda row: row["site__city"],
            needs=["site__city"],
        ),
        Column("serial_number", _("Serial number"), sort="serial_number"),
        Column("warranty_parts_until", _("Warranty on parts until"), sort="warranty_parts_until"),
        Column("warranty_parts_percent", _("Of parts the warranty bears %"), only_export=True),
        Column("warranty_labour_until", _("Warranty on labour until"), only_export=True),
        Column("warranty_labour_percent", _("Of labour the warranty bears %"), only_export=True),
        Column("parent__number", _("Part of"), sort="parent__number"),
        Column("is_loaner", _("May be lent"), only_export=True),
    ],
    default_sort="number",
    filterset=ObjectFilter,
    row_url=lambda row: reverse("agreements:object", args=[row["number"]]),
    bulk_actions=[
        Action("reporting:labels", _("Print labels"), "qr-code", permission="agreements.view_serviceobject")
    ],
    create=("agreements:object_new", _("New object"), "agreements.add_serviceobject"),
    empty_title=_("No service objects yet"),
    empty_text=_("Enter what you look after; its visits, parts and costs then have a history."),
    empty_icon="boxes",
)


def objects_spec(on: date) -> ListSpec:
    """The register as of that day: what is out of service stands under a tab of its own."""
    in_service = Q(ended_on__isnull=True) | Q(ended_on__gt=on)
    tabs = [
        Tab("service", _("In service"), in_service),
        Tab("ended", _("Out of service"), ~in_service),
        Tab("all", _("All")),
    ]
    return replace(OBJECTS, tabs=tabs)
