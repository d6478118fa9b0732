"""Mass jobs: every piece once, what fails refused alone, what is hopeless stopped, what is left retried."""

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Event, NumberSequence, Run, RunMessage
from servicemgmt.core.models.run import RUN_MOVES, RunStatus
from servicemgmt.core.runs import (
    KINDS,
    cancel_run,
    execute,
    execute_to_end,
    items_left,
    move_run,
    progress,
    refused_items,
    resume_unfinished,
    retry_run,
    start_run,
)
from servicemgmt.core.runs.work import attempt_one, plan, work_one
from tests.cast import user_in
from tests.core.kinds import NUMBERS
from tests.core.numbers import KIND, made, numbers_run

pytestmark = pytest.mark.usefixtures("numbers_kind")


@pytest.mark.django_db
def test_a_run_does_every_piece_once_and_tells():
    run = execute_to_end(numbers_run(23))
    state = progress(run)
    assert run.status == RunStatus.DONE and run.started_at and run.finished_at
    assert (state.done, state.total, state.counts, state.messages) == (23, 23, {"made": 23}, {"INFO": 5})
    assert made() == set(range(23))
    actions = list(Event.objects.filter(run=run).order_by("pk").values_list("action", "changes"))
    assert actions == [("run_started", {}), ("run_finished", {"made": [None, 23]})]


@pytest.mark.django_db
def test_executing_a_finished_run_again_does_nothing():
    run = execute_to_end(numbers_run(5))
    execute(run.pk)
    assert len(made()) == 5 and Event.objects.filter(run=run).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("culprit", [0, 7, 36])
@pytest.mark.parametrize("fault", ["bad", "buggy"])
def test_halving_isolates_the_culprit_and_loses_nothing_else(culprit, fault):
    run = execute_to_end(numbers_run(37, width=16, **{fault: [culprit]}))
    assert run.status == RunStatus.DONE
    assert made() == set(range(37)) - {culprit}
    [message] = run.messages.filter(level="ERROR")
    assert message.data["item"] == culprit and ("error" in message.data) == (fault == "buggy")
    assert ("is bad" if fault == "bad" else f"ZeroDivisionError: number {culprit}") in message.text
    assert progress(run).counts == {"made": 36, "refused": 1} and refused_items(run) == [culprit]


@pytest.mark.django_db
def test_an_error_that_every_item_meets_stops_the_run_soon():
    run = execute_to_end(numbers_run(1000, width=25, buggy=list(range(1000))))
    assert run.status == RunStatus.FAILED and made() == set()
    assert "20 in a row met the same error" in run.error and "ZeroDivisionError" in run.error
    assert (
        run.messages.filter(level="ERROR").count() == 20 == run.chunks.filter(done_at__isnull=False).count()
    )
    assert items_left(run) == list(range(1000)), "what was refused and what was not come to"
    page = retry_run(run.pk, by=user_in("Administrator"))
    assert page.parameters["items"] == items_left(run)


@pytest.mark.django_db
def test_what_breaks_midway_stops_the_run_but_what_was_done_stays():
    run = execute_to_end(numbers_run(500, width=25, buggy=list(range(100, 500))))
    assert run.status == RunStatus.FAILED and made() == set(range(100))
    assert items_left(run) == list(range(100, 500))


@pytest.mark.django_db
def test_refusals_by_rule_never_stop_a_run_and_nor_does_an_error_here_and_there():
    run = execute_to_end(numbers_run(60, width=30, bad=list(range(60))))
    assert run.status == RunStatus.DONE and progress(run).counts == {"refused": 60}
    some = list(range(7, 600, 15))
    run = execute_to_end(numbers_run(600, width=30, buggy=some))
    assert run.status == RunStatus.DONE and made() == set(range(600)) - set(some) and len(some) > 20
    assert refused_items(run) == some == items_left(run)


@pytest.mark.django_db
def test_a_constraint_checked_late_is_still_the_pieces_own_fault():
    NumberSequence.objects.create(code="n3", description="there already", is_gapless=True)
    run = execute_to_end(numbers_run(8, width=8))
    assert progress(run).counts == {"made": 7, "refused": 1} and refused_items(run) == [3]


@pytest.mark.django_db
def test_a_list_of_items_is_halved_too():
    run = start_run(KIND, by=None, parameters={"items": [5, 9, 2, 7], "bad": [2]}, enqueue=False)
    execute_to_end(run)
    assert made() == {5, 9, 7} and refused_items(run) == [2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"plan_fails": True}, "There is nothing to plan with."),
        ({"plan_breaks": True}, "ZeroDivisionError: a bug"),
        ({"upto": 3, "finish_fails": True}, "The end is refused."),
    ],
)
def test_a_run_that_cannot_begin_or_end_fails_with_a_sentence(parameters, sentence):
    run = execute_to_end(start_run(KIND, by=None, parameters=parameters, enqueue=False))
    assert run.status == RunStatus.FAILED and sentence in run.error and run.finished_at
    assert Event.objects.filter(run=run, action="run_failed").exists()


@pytest.mark.django_db
def test_a_kind_the_program_does_not_know_fails_instead_of_waiting_for_ever():
    run = Run.objects.create(kind="long_gone")
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED and "long_gone" in run.error


@pytest.mark.django_db
def test_nothing_to_do_is_done():
    run = execute_to_end(numbers_run(0))
    assert run.status == RunStatus.DONE and progress(run).total == 0


@pytest.mark.django_db
def test_a_cancelled_run_stops_after_the_piece_in_hand():
    run = numbers_run(20)
    plan(run, NUMBERS)
    assert work_one(run, NUMBERS)
    cancel_run(run, by=user_in("Administrator"), at=timezone.now())
    assert not work_one(run, NUMBERS)
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED and made() == set(range(5))
    with pytest.raises(Refused, match="over already"):
        cancel_run(run, by=user_in("Administrator"), at=timezone.now())
    assert Event.objects.filter(run=run, action="run_cancelled").count() == 1


@pytest.mark.django_db
def test_a_lost_database_leaves_the_run_to_be_resumed(monkeypatch):
    run = numbers_run(10)

    def lost(*args: object) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    broken = NUMBERS.__class__(**{**NUMBERS.__dict__, "work": lost})
    monkeypatch.setitem(KINDS, KIND, broken)
    with pytest.raises(OperationalError):
        execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING and not run.messages.exists()
    monkeypatch.setitem(KINDS, KIND, NUMBERS)
    assert execute_to_end(run).status == RunStatus.DONE and made() == set(range(10))


@pytest.mark.django_db
def test_a_deadlock_is_tried_again_without_refusing_anybody(monkeypatch):
    run, failures = numbers_run(5), iter([True, True, False])

    class Deadlock(Exception):
        sqlstate = "40P01"

    def unlucky(run: Run, piece: object) -> object:
        if next(failures):
            raise OperationalError("deadlock detected") from Deadlock()
        return NUMBERS.work(run, piece)  # type: ignore[arg-type]

    monkeypatch.setitem(KINDS, KIND, NUMBERS.__class__(**{**NUMBERS.__dict__, "work": unlucky}))
    assert execute_to_end(run).status == RunStatus.DONE
    assert made() == set(range(5)) and not run.messages.filter(level="ERROR").exists()


@pytest.mark.django_db
def test_only_runs_nobody_is_at_are_resumed():
    waiting, working, over = numbers_run(5), numbers_run(5), numbers_run(0)
    plan(working, NUMBERS)
    attempt_one(working, NUMBERS)
    execute_to_end(over)
    assert resume_unfinished() == [waiting.pk]
    assert resume_unfinished() == [], "asked for already"
    cache.delete(f"run-alive:{working.pk}")
    assert resume_unfinished() == [working.pk]


@pytest.mark.django_db
def test_a_run_has_one_door():
    run = numbers_run(1)
    for start, targets in RUN_MOVES.items():
        for to in RunStatus.values:
            Run.objects.filter(pk=run.pk).update(status=start)
            assert move_run(run, to, at=timezone.now()) == (to in targets), (start, to)


@pytest.mark.django_db
def test_a_retry_takes_up_what_was_refused():
    run = execute_to_end(numbers_run(10, bad=[3, 8]))
    again = retry_run(run.pk, by=user_in("Administrator"))
    assert again.retry_of_id == run.pk and again.parameters == {"items": [3, 8]}
    with pytest.raises(Refused, match="under way"):
        retry_run(run.pk, by=user_in("Administrator"))
    execute_to_end(again)
    assert made() == set(range(10))
    with pytest.raises(Refused, match=f"Run {again.pk} has retried this one"):
        retry_run(run.pk, by=user_in("Administrator"))
    with pytest.raises(Refused, match="refused nothing"):
        retry_run(again.pk, by=user_in("Administrator"))
    with pytest.raises(Refused, match="not over yet"):
        retry_run(numbers_run(1).pk, by=user_in("Administrator"))


@pytest.mark.django_db
def test_a_retry_that_was_cancelled_may_be_made_again():
    run = execute_to_end(numbers_run(10, bad=[3]))
    by = user_in("Administrator")
    cancel_run(retry_run(run.pk, by=by), by=by, at=timezone.now())
    assert retry_run(run.pk, by=by).parameters == {"items": [3]}


@pytest.mark.django_db
def test_the_level_of_a_message_is_known(django_assert_num_queries):
    run = execute_to_end(numbers_run(50, width=1))
    assert set(run.messages.values_list("level", flat=True)) <= set(RunMessage.Level.values)
    with django_assert_num_queries(3):
        progress(run)
