"""Recognising everything due as a run: what the preview shows, in pieces."""

from collections.abc import Iterable
from datetime import date
from itertools import batched

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Run
from servicemgmt.core.runs import Outcome, Piece, RunKind, register

from ..models import SliceQuerySet
from .operations import accrue
from .queries import asked_of, slices_due

CODE = "accrue"
#: How many slices one transaction of a run recognises.
CHUNK = 500


def due_of(run: Run) -> SliceQuerySet:
    """The slices that the run's parameters ask for."""
    return slices_due(date.fromisoformat(run.parameters["until"]), **asked_of(run.parameters))


def pieces(run: Run) -> Iterable[Piece]:
    keys = due_of(run).order_by("ends_on", "transaction", "pk").values_list("pk", flat=True)
    return (Piece(items=list(part)) for part in batched(keys, CHUNK))


def work(run: Run, piece: Piece) -> Outcome:
    """Recognise the slices of a piece together; where no period is open for them, say so."""
    outcome = Outcome()
    try:
        with transaction.atomic():
            done = accrue(piece.items or [], by=run.started_by, at=timezone.now(), run=run)
    except Refused as refusal:
        outcome.count("refused", piece.size)
        outcome.say("ERROR", str(refusal))
    else:
        for name in ("posted", "missed", "nothing", "deleted"):
            if count := getattr(done, name):
                outcome.count(name, count)
    return outcome


register(
    RunKind(
        code=CODE,
        label=_("Recognise deferred revenue"),
        permission="projects.add_accrualposting",
        pieces=pieces,
        work=work,
        labels={
            "posted": _("slices recognised"),
            "missed": _("of them missed, in a later month"),
            "nothing": _("slices of nothing"),
            "deleted": _("completed slices deleted"),
            "refused": _("slices refused"),
        },
        result_url=lambda run: f"{reverse('projects:accruals')}?run={run.pk}&tab=all",
        retry=lambda run: run.parameters,  # what is recognised is not taken again
    )
)
