"""The nightly run: renews what renews by itself, and reminds of what ends soon. Also renews what somebody ticked."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Renewal, ServiceAgreement
from servicemgmt.core.audit import subject_of
from servicemgmt.core.display import moment
from servicemgmt.core.models import Run, User
from servicemgmt.core.runs import Outcome, Piece, RunKind, items_left, register, start_run

from .operations import remind, renew
from .rules import LAST_NOTICE, REMIND_BEFORE, is_due, why_not_renew

CODE = "renew_agreements"
CHUNK = 200


def start_renewing(
    *, on: date, by: User | None, agreement_ids: Sequence[int] = (), enqueue: bool = True
) -> Run:
    """Renew the agreements named, or, with none named, what is due on the day, with the reminders of that day."""
    parameters = {"on": on.isoformat(), "agreements": sorted(agreement_ids)}
    return start_run(CODE, by=by, parameters=parameters, enqueue=enqueue)


def concerned(on: date) -> QuerySet[Any]:
    """Contracts with something to do on the day: those whose time for notice is over, and those that end soon."""
    rows = ServiceAgreement.objects.contracts().filter(successor__isnull=True, notice_on__isnull=True)
    rows = rows.filter(suspended=False, end_date__isnull=False, end_reason="").annotate(
        last_notice=LAST_NOTICE
    )
    due = Q(renewal=Renewal.AUTOMATIC, last_notice__lt=on)
    soon = Q(end_date__gte=on, last_notice__lte=on + REMIND_BEFORE, responsible__isnull=False)
    return rows.filter(due | soon)


def pieces(run: Run) -> Iterator[Piece]:
    """The agreements by the chunk; of a retry those that are left, which says nothing of what was asked for."""
    ids = run.parameters.get("left") or run.parameters["agreements"]
    if not ids:
        found = concerned(date.fromisoformat(run.parameters["on"]))
        ids = list(found.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield Piece(items=ids[start : start + CHUNK])


def work(run: Run, piece: Piece) -> Outcome:
    """Renew and remind; whoever is renewed already is passed over, so that doing it again does nothing."""
    on, asked = date.fromisoformat(run.parameters["on"]), bool(run.parameters["agreements"])
    outcome = Outcome()
    rows = ServiceAgreement.objects.filter(pk__in=piece.items or []).select_related("project")
    renewed = set(ServiceAgreement.objects.filter(predecessor__in=rows).values_list("predecessor", flat=True))
    wanted = [row for row in rows.order_by("pk") if row.pk not in renewed and (asked or is_due(row, on))]
    for row in wanted:
        if sentence := why_not_renew(row, has_successor=False):
            outcome.say("ERROR", sentence, subject=subject_of(row), item=row.pk)
            outcome.count("refused")
    able = [row.pk for row in wanted if not why_not_renew(row, has_successor=False)]
    for successor in renew(able, by=run.started_by):
        outcome.count("renewed")
        outcome.say(
            "INFO",
            _("%(old)s is followed by %(new)s until %(end)s.")
            % {
                "old": successor.predecessor.number if successor.predecessor else "",
                "new": successor.number,
                "end": moment(successor.end_date),
            },
            subject=subject_of(successor),
        )
    if not asked:
        outcome.count("reminded", remind(piece.items or [], on=on, at=timezone.now()))
    return outcome


KIND = register(
    RunKind(
        code=CODE,
        label=gettext_lazy("Renew service agreements"),
        permission="agreements.change_serviceagreement",
        pieces=pieces,
        work=work,
        labels={
            "renewed": gettext_lazy("agreements renewed"),
            "reminded": gettext_lazy("reminders sent"),
            "refused": gettext_lazy("not renewed"),
        },
        result_url=lambda run: reverse("agreements:expiring") + "?tab=renewed",
        retry=lambda run: run.parameters | {"left": items_left(run)},
        item="serviceagreement",
    )
)
