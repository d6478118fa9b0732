"""A run's life from outside: starting, cancelling and retrying it, and who may see it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ..audit import record
from ..errors import Refused
from ..models import Run, RunMessage, User
from ..models.run import RUN_MOVES, RunStatus
from .kinds import KINDS, Piece


def start_run(
    code: str,
    *,
    by: User | None,
    parameters: dict[str, Any],
    retry_of: Run | None = None,
    enqueue: bool = True,
) -> Run:
    """Make a run. A worker begins it after the commit of the surrounding transaction.

    With `enqueue` off the caller works it himself (`execute_to_end`), as commands do. Where the broker cannot be
    reached the run waits, and `resume_runs` takes it up within minutes.
    """
    from ..tasks import execute_run

    with transaction.atomic():
        run = Run.objects.create(
            kind=KINDS[code].code, parameters=parameters, started_by=by, retry_of=retry_of
        )
        record("run_started", run, by=by, label=str(KINDS[code].label), run=run)
        if enqueue:
            transaction.on_commit(lambda: execute_run.delay(run.pk), robust=True)
    return run


def move_run(run: Run, to: str, *, at: datetime, **fields: Any) -> bool:
    """The one door of a run's life: False where somebody else moved it first."""
    allowed = [status for status, targets in RUN_MOVES.items() if to in targets]
    return Run.objects.filter(pk=run.pk, status__in=allowed).update(status=to, **fields) == 1


@transaction.atomic
def cancel_run(run: Run, *, by: User, at: datetime) -> None:
    """Stop after the piece in hand; what is done stays done. Refused where the run is over."""
    locked = Run.objects.select_for_update(of=["self"], no_key=True).get(pk=run.pk)
    if locked.is_over or not move_run(locked, RunStatus.CANCELLED, at=at, finished_at=at):
        raise Refused(_("This run is over already."))
    record("run_cancelled", run, by=by, label=label_of(run), run=run)


@transaction.atomic
def retry_run(run_id: int, *, by: User) -> Run:
    """A new run over what this one left undone. Refused as `why_not_retry` says."""
    run = Run.objects.select_for_update(of=["self"], no_key=True).get(pk=run_id)
    if sentence := why_not_retry(run):
        raise Refused(sentence)
    kind = KINDS[run.kind]
    assert kind.retry
    return start_run(kind.code, by=by, parameters=kind.retry(run), retry_of=run)


def why_not_retry(run: Run) -> str | None:
    """Only what is over, left something undone and is of a kind that knows a retry is retried.

    Once, too: what the retry leaves undone is its own to be retried. One that was cancelled counts for nothing.
    """
    kind = KINDS.get(run.kind)
    if not run.is_over:
        return _("This run is not over yet.")
    if kind is None or kind.retry is None:
        return _("Runs of this kind cannot be retried; start a new one.")
    if run.status != RunStatus.FAILED and not run.messages.filter(level=RunMessage.Level.ERROR).exists():
        return _("This run refused nothing.")
    latest = run.retries.exclude(status=RunStatus.CANCELLED).order_by("pk").last()
    if latest is None:
        return None
    if latest.is_over:
        return _("Run %(number)s has retried this one; see what it left.") % {"number": latest.pk}
    return _("A retry of this run is under way.")


def refused_items(run: Run) -> list[int]:
    """The ids a run refused, as far as its messages name them (`say("ERROR", …, item=id)`), once each, in order."""
    found = run.messages.filter(level=RunMessage.Level.ERROR, data__has_key="item")
    return sorted(
        {item for item in found.order_by().values_list("data__item", flat=True) if isinstance(item, int)}
    )


def items_left(run: Run) -> list[int]:
    """The ids a retry takes up: what the run refused and, where it failed, what it did not come to any more."""
    left = set(refused_items(run))
    if run.status == RunStatus.FAILED:
        for chunk in run.chunks.filter(done_at__isnull=True):
            left.update(Piece.of(chunk).ids)
    return sorted(left)


def label_of(run: Run) -> str:
    """What the run is called; its code where the program does not know the kind any more."""
    return str(KINDS[run.kind].label) if run.kind in KINDS else run.kind


def may_see(run: Run, user: User) -> bool:
    """Whoever may start such runs, whoever may see all, and who started it."""
    kind = KINDS.get(run.kind)
    allowed = user.has_perm("core.view_run") or bool(kind and user.has_perm(kind.permission))
    return allowed or run.started_by_id == user.pk
