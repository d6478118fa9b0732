"""What a worker does with a run."""

import gc
import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis import RedisError

from ..audit import record
from ..errors import Refused
from ..models import Run, RunChunk, RunMessage
from ..models.run import RunStatus
from ..trail import model_named
from .kinds import KINDS, Outcome, Piece, RunKind
from .life import label_of, move_run
from .progress import progress

logger = logging.getLogger(__name__)

#: A worker says this often that it is at it; a run nobody was at for so long is taken up by another.
ALIVE_SECONDS = 90
#: A run that waits in the broker's queue is asked for again after so long.
ASKED_SECONDS = 300
#: Deadlock, serialization failure, lock not available: the database asks to try the same again.
TRY_AGAIN = {"40P01", "40001", "55P03"}
TRIES = 5
#: So many items in a row that break with one and the same error are a bug or a broken machine: the run stops.
HOPELESS = 20
HOPELESS_SENTENCE = gettext_lazy(
    "Stopped, because %(count)s in a row met the same error. %(error)s. "
    "What is not done yet can be tried again once the cause is mended."
)


def execute(run_id: int) -> None:
    """Work a run until nothing is left for this worker. May be called any number of times, by any number of workers.

    Where the database is lost the error goes up and the run stays as it is, to be resumed; where cutting or ending
    the run fails for another reason it is FAILED with a sentence.
    """
    run = Run.objects.get(pk=run_id)
    kind = KINDS.get(run.kind)
    try:
        if kind is None:
            raise Refused(_("This program does not know runs of the kind “%(kind)s”.") % {"kind": run.kind})
        plan(run, kind)
        while work_one(run, kind):
            pass
        finish(run, kind)
    except (OperationalError, InterfaceError):
        raise
    except Refused as refusal:
        fail(run, str(refusal))
    except Exception as error:
        logger.exception("run=%s kind=%s failed", run.pk, run.kind)
        fail(run, sentence_of(error))


def execute_to_end(run: Run) -> Run:
    """Work a run here and now, and wait for whoever shares it; the run as it ended."""
    while True:
        execute(run.pk)
        run.refresh_from_db()
        if run.is_over:
            return run
        time.sleep(0.2)


@transaction.atomic
def fail(run: Run, sentence: str) -> None:
    """End a run that cannot go on; what its chunks did stays done."""
    now = timezone.now()
    if move_run(run, RunStatus.FAILED, at=now, finished_at=now, error=sentence):
        record(
            "run_failed",
            run,
            by=run.started_by,
            label=label_of(run),
            run=run,
            changes={"error": ["", sentence]},
        )


@transaction.atomic
def plan(run: Run, kind: RunKind) -> None:
    """Cut the run into chunks, once: whoever holds the row does it."""
    locked = Run.objects.select_for_update(of=["self"], no_key=True).get(pk=run.pk)
    if locked.status != RunStatus.QUEUED:
        return
    chunks = (RunChunk(run=locked, size=p.size, **columns(p)) for p in kind.pieces(locked) if p.size)
    RunChunk.objects.bulk_create(chunks, batch_size=500)
    now = timezone.now()
    move_run(locked, RunStatus.RUNNING, at=now, started_at=now, is_planned=True)


def columns(piece: Piece) -> dict[str, Any]:
    return {"lo": piece.lo, "hi": piece.hi} if piece.items is None else {"items": piece.items}


def work_one(run: Run, kind: RunKind) -> bool:
    """Take the next chunk nobody works on and do it. False when there is none (or the run was cancelled).

    What the database asks to try again is tried again, from the choice of the chunk on.
    """
    for last in (*[False] * (TRIES - 1), True):
        try:
            return attempt_one(run, kind)
        except OperationalError as error:
            if last or getattr(error.__cause__, "sqlstate", None) not in TRY_AGAIN:
                raise
            logger.warning("run=%s tries a chunk again: %s", run.pk, error)
    return False


@transaction.atomic
def attempt_one(run: Run, kind: RunKind) -> bool:
    mark_alive(run)
    if not Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).exists():
        return False
    chunk = (
        RunChunk.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(run=run, done_at__isnull=True)
        .order_by("pk")
        .first()
    )
    if chunk is None:
        return False
    do_chunk(run, kind, chunk)
    return True


def do_chunk(run: Run, kind: RunKind, chunk: RunChunk) -> None:
    """Work the chunk in a savepoint, constraints checked; a failure halves it, a single item is refused."""
    piece, broken = Piece.of(chunk), False
    try:
        with transaction.atomic(), no_search_for_garbage():
            outcome = kind.work(run, piece)
            connection.check_constraints()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if piece.size > 1:
            halve(run, chunk, piece)
            return
        outcome, broken = refusal_of(run, kind, piece, error), not isinstance(error, Refused)
    for message in outcome.messages:
        message.run = run
    RunMessage.objects.bulk_create(outcome.messages, batch_size=1000)
    RunChunk.objects.filter(pk=chunk.pk).update(done_at=timezone.now(), counts=outcome.counts)
    if broken and is_hopeless(run):
        fail(run, HOPELESS_SENTENCE % {"count": HOPELESS, "error": outcome.messages[0].text})


@contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Python looks for circles of dead objects each time so many were made, in vain while a chunk holds its rows."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def refusal_of(run: Run, kind: RunKind, piece: Piece, error: Exception) -> Outcome:
    """What an item comes to that alone made its piece fail, told with the number it goes by."""
    outcome, item = Outcome({"refused": 1}), piece.first
    data: dict[str, Any] = {"item": item}
    if kind.item:
        data["subject"] = f"{kind.item}:{item}"
    if not isinstance(error, Refused):
        logger.error("run=%s kind=%s item=%s refused", run.pk, run.kind, item, exc_info=error)
        data["error"] = signature_of(error)
    outcome.say(RunMessage.Level.ERROR, named(kind, item, sentence_of(error)), **data)
    return outcome


def named(kind: RunKind, item: Any, sentence: str) -> str:
    """The sentence with the item's number before it, where it has one and the sentence does not say it."""
    model = model_named(kind.item)
    row = model._base_manager.filter(pk=item).first() if model else None
    number = str(getattr(row, "number", None) or "")
    return sentence if number in sentence else f"{number}: {sentence}"


def signature_of(error: Exception) -> str:
    """What makes two errors the same one: their type, the constraint, and where they were raised."""
    cause = getattr(error.__cause__, "diag", None)
    constraint = getattr(cause, "constraint_name", None) or ""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {constraint} {place.filename.rpartition('/')[2]}:{place.lineno}"


def is_hopeless(run: Run) -> bool:
    """Whether the last twenty pieces done were single items that all broke with the same error.

    What a rule refuses never counts: that is the item's own matter, and costs little.
    """
    done = run.chunks.filter(done_at__isnull=False).order_by("-done_at", "-pk")
    counts = list(done.values_list("counts", flat=True)[:HOPELESS])
    said = run.messages.filter(level=RunMessage.Level.ERROR).order_by("-pk")
    errors = list(said.values_list("data__error", flat=True)[:HOPELESS])
    return counts == [{"refused": 1}] * HOPELESS and errors[0] is not None and len(set(errors)) == 1


def halve(run: Run, chunk: RunChunk, piece: Piece) -> None:
    """The first half takes the chunk's place and is worked next; the other one waits at the end.

    So an error that every item meets is known after the first few chunks, not after all of them.
    """
    first, second = piece.halves()
    RunChunk.objects.filter(pk=chunk.pk).update(size=first.size, **columns(first))
    RunChunk.objects.create(run=run, size=second.size, **columns(second))


def sentence_of(error: Exception) -> str:
    """What to tell the user of an error that stopped one item: a refusal's own words, else its kind."""
    if isinstance(error, Refused):
        return str(error)
    return _("Not done because of an error in the program or the data: %(error)s") % {
        "error": (f"{type(error).__name__}: {error}".splitlines() or [""])[0][:500]
    }


@transaction.atomic
def finish(run: Run, kind: RunKind) -> None:
    """Close the run when no chunk is left; whoever comes last does it, once."""
    locked = Run.objects.select_for_update(of=["self"], no_key=True).get(pk=run.pk)
    if locked.status != RunStatus.RUNNING or locked.chunks.filter(done_at__isnull=True).exists():
        return
    if kind.finish:
        kind.finish(locked)
    now = timezone.now()
    if move_run(locked, RunStatus.DONE, at=now, finished_at=now):
        counts = {name: [None, n] for name, n in progress(locked).counts.items() if n}
        record(
            "run_finished", locked, by=locked.started_by, label=str(kind.label), run=locked, changes=counts
        )


def mark_alive(run: Run) -> None:
    """Say that a worker is at it. Where the cache is away nothing is lost: the run may get a second worker."""
    try:
        cache.set(f"run-alive:{run.pk}", "1", ALIVE_SECONDS)
        cache.delete(f"run-asked:{run.pk}")
    except RedisError:
        logger.warning("run=%s cannot say that it is alive", run.pk)


def resume_unfinished() -> list[int]:
    """The ids of runs that wait unasked or were left behind by a dead worker; idempotent to execute again.

    A run that a worker said to be at within the last 90 seconds is left to it; one that waits in the broker's queue is
    asked for again every five minutes, in case the queue was lost.
    """
    waiting = Run.objects.filter(status__in=[RunStatus.QUEUED, RunStatus.RUNNING]).order_by("pk")
    return [
        pk
        for pk in waiting.values_list("pk", flat=True)
        if not cache.get(f"run-alive:{pk}") and cache.add(f"run-asked:{pk}", "1", ASKED_SECONDS)
    ]
