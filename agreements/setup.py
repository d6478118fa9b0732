"""The small masters of agreements, what of them can be searched for, and whose history may be read."""

from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.audit import register_subject
from servicemgmt.core.errors import Invalid, Sentence
from servicemgmt.core.models import User
from servicemgmt.core.periods import Period
from servicemgmt.core.search import register as searchable
from servicemgmt.core.setup import Child, Setup, register
from servicemgmt.core.trail import name_actions, name_child

from . import models
from .recurrence import recurrence_of, words

AGREEMENTS = _("Service agreements")
OBJECTS = _("Service objects")

LOOP = _("A group cannot lie inside itself.")


def check_sla(row: Any, by: User | None) -> None:
    """SLA-13: a suspended SLA is not chosen anew. What had it before keeps it."""
    if row.sla is None or not row.sla.suspended:
        return
    held = type(row)._default_manager.filter(pk=row.pk, sla=row.sla).exists()
    if not held:
        raise Invalid(_("This SLA is suspended; choose another."), field="sla")


#: How many dates an interval's page names, and how far ahead it looks for them.
NAMED, FARTHEST = 6, timedelta(days=3660)


def explain_interval(row: Any, on: date) -> list[Sentence]:
    """The rule in words and its next dates, for a line that starts on the day."""
    pauses = [Period(pause.first_day, pause.last_day or pause.first_day) for pause in row.pauses.all()]
    rule = recurrence_of(row, pauses)
    days = list(islice(rule.dates(on, Period(on, on + FARTHEST)), NAMED))
    found: list[Sentence] = [capfirst(words(row)) + "."]
    if days:
        named = ", ".join(f"{date_format(day, 'D')} {date_format(day, 'SHORT_DATE_FORMAT')}" for day in days)
        found.append(_("For a line that starts today: %(days)s …") % {"days": named})
    else:
        found.append(_("For a line that starts today it has no date in the next ten years."))
    return found


def check_limit(row: Any, by: User | None) -> None:
    """SLA-01: an SLA promises some time."""
    if not (row.days or row.hours or row.minutes):
        raise Invalid(_("Enter the time within which the work is completed."), field="hours")


register(
    Setup(
        models.AgreementGroup,
        section=AGREEMENTS,
        fields=["code", "description", "sla"],
        clean=check_sla,
        help=_(
            "Free classes of agreements, such as Gold and Silver. A group may bring an SLA for its agreements."
        ),
    )
)
register(
    Setup(
        models.ServiceInterval,
        section=AGREEMENTS,
        fields=[
            "code",
            "description",
            "unit",
            "frequency",
            "ordinal",
            "weekday",
            "season_from",
            "season_until",
        ],
        children=[
            Child(
                models.IntervalPause,
                ["first_day", "last_day", "reason"],
                label=_("Days left out"),
                help=_("It never falls on these days, such as a works holiday. Without an end: one day."),
            )
        ],
        needed_with={
            "ordinal": ("unit", ["MONTH", "QUARTER", "YEAR"]),
            "weekday": ("unit", ["WEEK", "MONTH", "QUARTER", "YEAR"]),
        },
        explain=explain_interval,
        sentences={
            "serviceinterval_within_a_century": _("Nothing recurs more rarely than once in a century."),
            "intervalpause_ends_after_start": _("Days left out would end before they start."),
        },
        help=_(
            "How often a line comes again, counted from its first day: every 2 weeks, every 3 months, the second "
            "Tuesday of each quarter, from April to October only."
        ),
    )
)
register(
    Setup(
        models.TimeWindow,
        section=AGREEMENTS,
        fields=["code", "description", "method", "days_before", "days_after"],
        needed_with={"days_before": ("method", ["MANUAL"]), "days_after": ("method", ["MANUAL"])},
        sentences={
            "timewindow_days_only_when_manual": _(
                "Days before and after are only for that method; leave them at 0."
            )
        },
        help=_("How far a visit may be moved from its calculated day, so that lines can share it."),
    )
)
register(
    Setup(
        models.TemplateGroup,
        section=AGREEMENTS,
        fields=["code", "description", "parent"],
        sentences={"templategroup_acyclic": LOOP, "templategroup_not_its_own_parent": LOOP},
        help=_("The folders of agreement templates. A folder may lie inside another."),
    )
)
register(
    Setup(
        models.ServiceLevelAgreement,
        section=AGREEMENTS,
        fields=[
            "code",
            "description",
            "days",
            "hours",
            "minutes",
            "response_minutes",
            "calendar",
            "suspended",
        ],
        clean=check_limit,
        help=_(
            "Within what time the work is completed. With a calendar the time counts while it is open, "
            "and a day is its standard working day. A suspended one is not offered any more."
        ),
    )
)
register(
    Setup(
        models.ServiceTask,
        section=AGREEMENTS,
        fields=["code", "description", "planned_minutes", "required_skill", "note_internal", "note_external"],
        columns=["code", "description", "planned_minutes", "required_skill"],
        help=_(
            "What is done on a visit, with the notes that a new agreement starts with. Who books a worker without the "
            "skill it needs is warned."
        ),
    )
)
register(
    Setup(
        models.ActivityType,
        section=AGREEMENTS,
        fields=["code", "description"],
        help=_("Labels of activities on the dispatch board."),
    )
)
register(
    Setup(
        models.ServiceObjectGroup,
        section=OBJECTS,
        fields=["code", "description", "sla"],
        clean=check_sla,
        help=_("Classes of what is serviced. A group may bring an SLA that goes before the agreement's."),
    )
)

register(
    Setup(
        models.BomOptions,
        section=OBJECTS,
        single=True,
        fields=["show_number", "show_kind", "show_unit", "show_lot", "edit_when_adding", "emphasise_changes"],
        help=_(
            "How the lines of every template and service BOM are shown, and what happens when an item is added."
        ),
    )
)

searchable(
    models.ServiceAgreement,
    permission=("agreements.view_serviceagreement", "orders.view_serviceorder"),
    rows=lambda user: models.ServiceAgreement.objects.contracts(),
    sub=lambda row: row.customer.name if row.customer else "",
    filters=["customer", "project"],
)
searchable(
    models.ServiceObject,
    permission=("agreements.view_serviceobject", "dispatch.work_own_day"),
    sub=lambda row: row.site.name,
    rows=lambda user: models.ServiceObject.objects.visible_to(user).select_related("site"),
    filters=["customer", "site", "group", "is_loaner"],
)

register_subject(
    "serviceagreement",
    permission="agreements.view_serviceagreement",
    view="agreements:agreement",
    key="number",
)
register_subject(
    "serviceobject", permission="agreements.view_serviceobject", view="agreements:object", key="number"
)

name_child("serviceagreement", "serviceagreementline")
name_actions(
    {
        "ended": _("Ended"),
        "suspended": _("Suspended"),
        "resumed": _("Resumed"),
        "moved": _("Moved"),
        "move_dropped": _("Planned move taken back"),
        "arrived": _("Arrived at its new site"),
        "serial_swapped": _("Serial number swapped"),
        "document_sent": _("Document sent"),
        "signed": _("Signed"),
        "agreed": _("Agreed"),
        "declined": _("Declined"),
        "offered": _("Offered again"),
        "renewed": _("Renewed"),
        "notice_given": _("Notice given"),
        "notice_withdrawn": _("Notice taken back"),
        "reminded": _("Reminded of the end"),
        "line_added": _("Line added"),
        "line_changed": _("Line changed"),
        "line_stopped": _("Line stopped"),
        "line_restarted": _("Line goes on"),
        "line_removed": _("Line removed"),
        "price_added": _("Price added"),
        "lines_copied": _("Lines copied"),
        "object_related": _("Service object related"),
        "object_unrelated": _("Service object taken off"),
        "task_related": _("Task related"),
        "task_unrelated": _("Task taken off"),
        "task_notes_changed": _("Notes of a task changed"),
    }
)
