"""Kinds of run that only the tests know; real workers load them with `--include tests.core.kinds`."""

import os
import time
from collections.abc import Iterator

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import NumberSequence, Run
from servicemgmt.core.runs import KINDS, Outcome, Piece, RunKind, items_left, register


def pieces(run: Run) -> Iterator[Piece]:
    """`numbers` 0 ≤ n < upto in pieces of `width`, or the items asked for."""
    if run.parameters.get("plan_fails"):
        raise Refused("There is nothing to plan with.")
    if run.parameters.get("plan_breaks"):
        raise ZeroDivisionError("a bug")
    if "items" in run.parameters:
        yield Piece(items=run.parameters["items"])
        return
    for lo in range(0, run.parameters["upto"], run.parameters.get("width", 5)):
        yield Piece(lo, min(lo + run.parameters.get("width", 5), run.parameters["upto"]))


def work(run: Run, piece: Piece) -> Outcome:
    """Make a number sequence per number; each can be made only once. `bad` numbers are refused, `buggy` ones break."""
    time.sleep(run.parameters.get("seconds", 0))
    numbers = piece.items if piece.items is not None else range(piece.lo, piece.hi)
    outcome = Outcome()
    for n in numbers:
        if n in run.parameters.get("bad", []):
            raise Refused(f"Number {n} is bad.")
        if n in run.parameters.get("buggy", []):
            raise ZeroDivisionError(f"number {n}")
        NumberSequence.objects.create(code=f"n{n}", description=str(n), is_gapless=True)
        outcome.count("made")
    outcome.say("INFO", f"pid {os.getpid()}", item=piece.first)
    return outcome


def retry(run: Run) -> dict[str, object]:
    return {"items": items_left(run)}


def finish(run: Run) -> None:
    if run.parameters.get("finish_fails"):
        raise Refused("The end is refused.")


NUMBERS = RunKind(
    code="test_numbers",
    label="Make numbers",
    permission="core.add_numbersequence",
    pieces=pieces,
    work=work,
    finish=finish,
    labels={"made": "numbers made"},
    result_url=lambda run: "/setup/numbersequence/",
    retry=retry,
)
if NUMBERS.code not in KINDS:
    register(NUMBERS)
