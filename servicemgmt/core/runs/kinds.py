"""What a kind of run is, what a piece of one is and what working it gives."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import Sentence
from ..models import Run, RunChunk, RunMessage


@dataclass(frozen=True)
class Piece:
    """What one chunk covers: ids (or line numbers) lo ≤ id < hi, or a list of ids."""

    lo: int = 0
    hi: int = 0
    items: list[int] | None = None

    @classmethod
    def of(cls, chunk: RunChunk) -> "Piece":
        return cls(chunk.lo or 0, chunk.hi or 0, chunk.items)

    @property
    def ids(self) -> Iterable[int]:
        return range(self.lo, self.hi) if self.items is None else self.items

    @property
    def size(self) -> int:
        return max(0, self.hi - self.lo) if self.items is None else len(self.items)

    @property
    def first(self) -> int:
        return self.lo if self.items is None else self.items[0]

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
        """A message. `item=` names the id it is about, so that a retry may pick it up; other data goes along."""
        self.messages.append(RunMessage(level=level, text=str(text), subject=subject, data=data))


@dataclass(frozen=True)
class RunKind:
    """A kind of mass job.

    `pieces(run)` is asked once and cuts the work; `work(run, piece)` does one piece inside a transaction that is not
    its own, and may be called again for the same piece if that transaction is lost; `finish(run)`, where given, is
    called once in the transaction that ends the run. `labels` name the counts. `result_url(run)` says where to look at
    what was made. `retry(run)` gives the parameters of a run over what this one left (see `items_left`); kinds without
    it offer no retry. `item` names the kind of subject that the ids of pieces are, such as “serviceorder”.
    """

    code: str
    label: Sentence
    permission: str
    pieces: Callable[[Run], Iterable[Piece]]
    work: Callable[[Run, Piece], Outcome]
    labels: dict[str, Sentence] = field(default_factory=dict)
    result_url: Callable[[Run], str] | None = None
    finish: Callable[[Run], None] | None = None
    retry: Callable[[Run], dict[str, Any]] | None = None
    item: str = ""


KINDS: dict[str, RunKind] = {}


def register(kind: RunKind) -> RunKind:
    """Make a kind of run known; each app does it in its `runs` module, imported when the app is ready."""
    KINDS[kind.code] = kind
    return kind
