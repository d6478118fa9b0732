"""The work list of agreements that end: what to decide, until when, and what came of it."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.filters import AgreementFilter
from agreements.models import Renewal, ServiceAgreement
from servicemgmt.core.lists import Action, Column, ListSpec, Row, Tab

from .rules import LAST_NOTICE, REMIND_BEFORE


def expiring() -> QuerySet[Any]:
    """Contracts with a last day, and the last day for notice."""
    rows = ServiceAgreement.objects.contracts().filter(end_date__isnull=False)
    return rows.annotate(notice_until=LAST_NOTICE)


def to_decide(on: date) -> Q:
    """Ends soon by itself unless somebody decides otherwise: no notice, no successor, none that comes by itself."""
    return waiting(on) & ~Q(renewal=Renewal.AUTOMATIC)


def waiting(on: date) -> Q:
    """Ends soon, with neither notice nor successor yet."""
    waits = Q(successor__isnull=True, notice_on__isnull=True, suspended=False, end_reason="")
    return waits & Q(notice_until__lte=on + REMIND_BEFORE, end_date__gte=on)


def successor_url(row: Row) -> str:
    number = row["successor__number"]
    return reverse("agreements:agreement", args=[number]) if number else ""


def expiring_spec(on: date) -> ListSpec:
    """The list as of that day."""
    return ListSpec(
        name="expiring-agreements",
        title=_("Agreements that end"),
        help=_(
            "Renew them, give notice or let them end. The responsible is reminded by mail 30 days before."
        ),
        columns=[
            Column("number", _("Number"), sort="number", kind="link"),
            Column("description", _("Description"), sort="description"),
            Column("customer__name", _("Customer"), sort="customer__name"),
            Column("end_date", _("Ends"), sort="end_date"),
            Column("notice_until", _("Notice until"), sort="notice_until", kind="date"),
            Column("renewal", _("Renewal"), sort="renewal"),
            Column("notice_on", _("Notice given"), sort="notice_on"),
            Column("successor__number", _("Successor"), kind="link", href=successor_url),
            Column("responsible__name", _("Responsible"), sort="responsible__name"),
        ],
        default_sort="end_date",
        filterset=AgreementFilter,
        row_url=lambda row: reverse("agreements:agreement", args=[row["number"]]),
        tabs=[
            Tab("decide", _("To decide"), to_decide(on)),
            Tab("automatic", _("Renew by themselves"), waiting(on) & Q(renewal=Renewal.AUTOMATIC)),
            Tab("notice", _("Notice given"), Q(notice_on__isnull=False, end_date__gte=on)),
            Tab("renewed", _("Renewed"), Q(successor__isnull=False)),
            Tab("all", _("All")),
        ],
        tab_counts=True,
        bulk_actions=[
            Action(
                "agreements:renew_chosen",
                _("Renew"),
                "repeat",
                confirm=_("Make a successor of each ticked agreement?"),
                permission="agreements.change_serviceagreement",
            )
        ],
        empty_title=_("Nothing ends soon"),
        empty_text=_("Agreements with a last day come here before it."),
        empty_icon="calendar-x",
    )
