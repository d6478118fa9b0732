"""Mass jobs. A kind of run says what its pieces are and how one piece is done; this module does the rest:

every piece is worked in one transaction with the mark that it is done, so a run may be killed at any moment, resumed,
and shared by any number of workers; a piece that fails is rolled back and halved until the culprit alone is refused.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from .audit import record
from .errors import Refused, Sentence
from .models import Run, RunChunk, RunMessage, User
from .models.run import RUN_MOVES, RunStatus


@dataclass(frozen=True)
class Piece:
    """What one chunk covers: ids (or line numbers) lo ≤ id < hi, or a list of ids."""

    lo: int = 0
    hi: int = 0
    items: list[int] | None = None

    @property
    def size(self) -> int:
        return self.hi - self.lo if self.items is None else len(self.items)

    def halves(self) -> "tuple[Piece, Piece]":
        if self.items is not None:
            middle = len(self.items) // 2
            return Piece(items=self.items[:middle]), Piece(items=self.items[middle:])
        middle = (self.lo + self.hi) // 2
        return Piece(self.lo, middle), Piece(middle, self.hi)


@dataclass
class Outcome:
    """What working a piece gave: counts by name (added up over the run) and things to say."""

    counts: dict[str, int] = field(default_factory=dict)
    messages: list[RunMessage] = field(default_factory=list)

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def say(self, level: str, text: Sentence, *, subject: str = "", **data: Any) -> None:
        self.messages.append(RunMessage(level=level, text=str(text), subject=subject, data=data))


@dataclass(frozen=True)
class RunKind:
    """A kind of mass job.

    `pieces(run)` is asked once and cuts the work; `work(run, piece)` does one piece inside a transaction that is not
    its own; `finish(run)`, where given, is called once in the transaction that ends the run. `labels` name the counts.
    `result_url(run)` says where to look at what was made.
    """

    code: str
    label: Sentence
    permission: str
    pieces: Callable[[Run], Iterable[Piece]]
    work: Callable[[Run, Piece], Outcome]
    labels: dict[str, Sentence] = field(default_factory=dict)
    result_url: Callable[[Run], str] | None = None
    finish: Callable[[Run], None] | None = None


KINDS: dict[str, RunKind] = {}


def register(kind: RunKind) -> RunKind:
    """Make a kind of run known; each app does it in its `runs` module, imported when the app is ready."""
    KINDS[kind.code] = kind
    return kind


def start_run(
    code: str,
    *,
    by: User | None,
    parameters: dict[str, Any],
    retry_of: Run | None = None,
    enqueue: bool = True,
) -> Run:
    """Make a run. A worker begins it after the commit of the surrounding transaction.

    With `enqueue` off the caller works it himself (`execute_to_end`), as commands do.
    """
    from .tasks import execute_run

    run = Run.objects.create(kind=KINDS[code].code, parameters=parameters, started_by=by, retry_of=retry_of)
    record("run_started", run, by=by, label=str(KINDS[code].label), run=run)
    if enqueue:
        execute_run.delay_on_commit(run.pk)
    return run


def move_run(run: Run, to: str, *, at: datetime, **fields: Any) -> bool:
    """The one door of a run's life: False where somebody else moved it first."""
    allowed = [status for status, targets in RUN_MOVES.items() if to in targets]
    return Run.objects.filter(pk=run.pk, status__in=allowed).update(status=to, **fields) == 1


def cancel_run(run: Run, *, by: User, at: datetime) -> None:
    """Stop after the piece in hand; what is done stays done. Refused where the run is over."""
    with transaction.atomic():
        if not move_run(run, RunStatus.CANCELLED, at=at, finished_at=at):
            raise Refused(_("This run is over already."))
        record("run_cancelled", run, by=by, label=str(KINDS[run.kind].label), run=run)


def execute(run_id: int) -> None:
    """Work a run until nothing is left for this worker. May be called any number of times, by any number of workers."""
    run = Run.objects.get(pk=run_id)
    kind = KINDS[run.kind]
    try:
        plan(run, kind)
        while work_one(run, kind):
            pass
        finish(run, kind)
    except Refused as refusal:
        move_run(run, RunStatus.FAILED, at=timezone.now(), finished_at=timezone.now(), error=str(refusal))


def execute_to_end(run: Run) -> Run:
    """Work a run here and now, and wait for whoever shares it; the run as it ended."""
    while True:
        execute(run.pk)
        run.refresh_from_db()
        if run.is_over:
            return run
        time.sleep(0.2)


@transaction.atomic
def plan(run: Run, kind: RunKind) -> None:
    """Cut the run into chunks, once: whoever holds the row does it."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.status != RunStatus.QUEUED:
        return
    chunks = (RunChunk(run=locked, size=p.size, **columns(p)) for p in kind.pieces(locked) if p.size)
    RunChunk.objects.bulk_create(chunks, batch_size=500)
    now = timezone.now()
    move_run(locked, RunStatus.RUNNING, at=now, started_at=now, is_planned=True)


def columns(piece: Piece) -> dict[str, Any]:
    return {"lo": piece.lo, "hi": piece.hi} if piece.items is None else {"items": piece.items}


def work_one(run: Run, kind: RunKind) -> bool:
    """Take the next chunk nobody works on and do it. False when there is none (or the run was cancelled)."""
    with transaction.atomic():
        if not Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).exists():
            return False
        chunk = (
            RunChunk.objects.select_for_update(skip_locked=True)
            .filter(run=run, done_at__isnull=True)
            .order_by("pk")
            .first()
        )
        if chunk is None:
            return False
        do_chunk(run, kind, chunk)
    return True


def do_chunk(run: Run, kind: RunKind, chunk: RunChunk) -> None:
    piece = Piece(chunk.lo or 0, chunk.hi or 0, chunk.items)
    try:
        with transaction.atomic():
            outcome = kind.work(run, piece)
            connection.check_constraints()
    except Exception as error:
        if piece.size > 1:
            halve(run, chunk, piece)
            return
        outcome = Outcome({"refused": 1})
        outcome.say("ERROR", sentence_of(error), item=chunk.items[0] if chunk.items else chunk.lo)
    for message in outcome.messages:
        message.run = run
    RunMessage.objects.bulk_create(outcome.messages, batch_size=1000)
    RunChunk.objects.filter(pk=chunk.pk).update(done_at=timezone.now(), counts=outcome.counts)


def halve(run: Run, chunk: RunChunk, piece: Piece) -> None:
    RunChunk.objects.filter(pk=chunk.pk).delete()
    RunChunk.objects.bulk_create([RunChunk(run=run, size=p.size, **columns(p)) for p in piece.halves()])


def sentence_of(error: Exception) -> str:
    """What to tell the user of an error that stopped one item: a refusal's own words, else its kind."""
    if isinstance(error, Refused):
        return str(error)
    return _("Not done because of an error in the program or the data: %(error)s") % {
        "error": f"{type(error).__name__}: {error}".splitlines()[0]
    }


@transaction.atomic
def finish(run: Run, kind: RunKind) -> None:
    """Close the run when no chunk is left; whoever comes last does it, once."""
    locked = Run.objects.select_for_update().get(pk=run.pk)
    if locked.status != RunStatus.RUNNING or locked.chunks.filter(done_at__isnull=True).exists():
        return
    if kind.finish:
        kind.finish(locked)
    now = timezone.now()
    move_run(locked, RunStatus.DONE, at=now, finished_at=now)
    record("run_finished", locked, by=locked.started_by, label=str(kind.label), run=locked, changes={})


def resume_unfinished() -> list[int]:
    """The ids of runs that wait or were left behind by a dead worker; idempotent to execute again."""
    return list(
        Run.objects.filter(status__in=[RunStatus.QUEUED, RunStatus.RUNNING]).order_by("pk").values_list("pk", flat=True)
    )


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    counts: dict[str, int]
    messages: dict[str, int]


def progress(run: Run) -> Progress:
    """How far the run is, added up from its chunks; nothing else stores it."""
    sums = run.chunks.aggregate(total=Sum("size"), done=Sum("size", filter=Q(done_at__isnull=False)))
    counts: dict[str, int] = {}
    for chunk in run.chunks.filter(done_at__isnull=False).values_list("counts", flat=True):
        for name, n in chunk.items():
            counts[name] = counts.get(name, 0) + n
    levels = dict(run.messages.order_by().values_list("level").annotate(n=Count("pk")))
    return Progress(sums["done"] or 0, sums["total"] or 0, counts, levels)


def beat() -> None:
    """Note that beat is alive, for /readyz and `manage.py doctor`."""
    cache.set("beat", timezone.now().isoformat(), timeout=300)
