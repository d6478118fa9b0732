"""Mass jobs: every piece once, whatever happens to the workers; and the pages that show it."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from servicemgmt.core import tasks
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Event, NumberSequence, Run, RunChunk, RunMessage
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
from tests.cast import stranger, user_in
from tests.core.kinds import NUMBERS

KIND = NUMBERS.code


@pytest.fixture(autouse=True)
def _kinds() -> Iterator[None]:
    KINDS[KIND] = NUMBERS
    yield
    KINDS.pop(KIND, None)
    cache.clear()


def numbers_run(upto: int = 20, **parameters: object) -> Run:
    return start_run(
        KIND, by=user_in("Administrator"), parameters={"upto": upto, **parameters}, enqueue=False
    )


def made() -> set[int]:
    return {
        int(code[1:])
        for code in NumberSequence.objects.filter(code__regex=r"^n\d+$").values_list("code", flat=True)
    }


def wait_for(condition: Callable[[], bool], *, seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


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
    with pytest.raises(Refused, match="refused nothing"):
        retry_run(again.pk, by=user_in("Administrator"))
    with pytest.raises(Refused, match="not over yet"):
        retry_run(numbers_run(1).pk, by=user_in("Administrator"))


@pytest.mark.django_db(transaction=True)
def test_two_threads_plan_once_and_share_the_pieces():
    run = numbers_run(60, width=3, seconds=0.01)
    errors: list[BaseException] = []

    def worker() -> None:
        try:
            execute(run.pk)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.refresh_from_db()
    assert not errors and run.status == RunStatus.DONE
    assert made() == set(range(60)) and run.chunks.count() == 20
    assert Event.objects.filter(run=run, action="run_finished").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_repeats_nothing(start_celery_worker):
    first = start_celery_worker("--include=tests.core.kinds")
    run = start_run(KIND, by=None, parameters={"upto": 120, "width": 4, "seconds": 0.1})
    wait_for(lambda: progress(run).done >= 20)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    wait_for(lambda: not backends_at_work())
    state = progress(run)
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING and 20 <= state.done < 120
    assert len(made()) == state.done == state.counts["made"], (
        "a piece and the mark that it is done stand together"
    )
    cache.delete(f"run-alive:{run.pk}")  # ninety seconds later
    start_celery_worker("--include=tests.core.kinds")
    tasks.resume_runs()
    wait_for(lambda: Run.objects.get(pk=run.pk).is_over)
    assert Run.objects.get(pk=run.pk).status == RunStatus.DONE
    assert made() == set(range(120)) and progress(run).counts == {"made": 120}
    assert Event.objects.filter(run=run, action="run_finished").count() == 1


def backends_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND state <> 'idle' AND pid <> pg_backend_pid() AND backend_type = 'client backend')"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_run(start_celery_worker):
    for name in ("one", "two"):
        start_celery_worker("--include=tests.core.kinds", f"--hostname={name}@test")
    run = start_run(KIND, by=None, parameters={"upto": 90, "width": 3, "seconds": 0.1})
    tasks.execute_run.delay(run.pk)
    wait_for(lambda: Run.objects.get(pk=run.pk).is_over)
    assert made() == set(range(90)) and progress(run).counts == {"made": 90}
    assert len(set(run.messages.values_list("text", flat=True))) == 2, "both had a hand in it"
    assert not RunChunk.objects.filter(run=run, done_at=None).exists()


@pytest.mark.django_db
def test_the_page_shows_progress_and_asks_again_until_it_is_over(sign_in):
    run = numbers_run(20, bad=[3])
    plan(run, NUMBERS)
    work_one(run, NUMBERS)
    browser = sign_in(user_in("Administrator"))
    page = browser.get(f"/runs/{run.pk}/").content.decode()
    assert 'hx-trigger="every 2s"' in page and "Make numbers" in page and 'http-equiv="refresh"' in page
    part = browser.get(f"/runs/{run.pk}/", headers={"HX-Request": "true", "HX-Target": "section#progress"})
    assert "<html" not in part.content.decode() and 'id="messages"' in part.content.decode()
    execute_to_end(run)
    part = browser.get(f"/runs/{run.pk}/", headers={"HX-Request": "true", "HX-Target": "section#progress"})
    assert "every 2s" not in part.content.decode() and "Number 3 is bad." in part.content.decode()
    page = browser.get(f"/runs/{run.pk}/").content.decode()
    assert "Numbers made" in page and "http-equiv" not in page and "Open the result" in page


@pytest.mark.django_db
def test_the_error_list_can_be_downloaded(sign_in):
    run = execute_to_end(numbers_run(10, bad=[3, 8]))
    browser = sign_in(user_in("Administrator"))
    assert (
        f"/runs/{run.pk}/messages/?level=ERROR&amp;format=csv"
        in browser.get(f"/runs/{run.pk}/").content.decode()
    )
    content = browser.get(f"/runs/{run.pk}/messages/?level=ERROR&format=csv").getvalue().decode("utf-8-sig")
    assert content.splitlines() == [
        "Level,Message,Subject",
        "Refused,Number 3 is bad.,",
        "Refused,Number 8 is bad.,",
    ]
    listed = browser.get(f"/runs/{run.pk}/messages/").content.decode()
    assert "Number 8 is bad." in listed and "pid" in listed
    only = browser.get(f"/runs/{run.pk}/?level=ERROR").content.decode()
    assert "Number 8 is bad." in only and "pid " not in only


@pytest.mark.django_db
def test_who_may_see_runs(sign_in):
    run = numbers_run(1)
    assert sign_in(stranger()).get(f"/runs/{run.pk}/").status_code == 404
    assert sign_in(stranger()).get(f"/runs/{run.pk}/messages/").status_code == 404
    assert sign_in(stranger()).post(f"/runs/{run.pk}/cancel/").status_code == 404
    assert f"/runs/{run.pk}/" not in sign_in(stranger()).get("/runs/").content.decode()
    planner = sign_in(user_in("Planner"))
    assert planner.get(f"/runs/{run.pk}/").status_code == 200, "holds core.view_run"
    assert planner.post(f"/runs/{run.pk}/cancel/").status_code == 403, "but may not start such runs"
    assert "Make numbers" in planner.get("/runs/").content.decode()
    assert planner.get("/runs/999999/").status_code == 404


@pytest.mark.django_db
def test_stopping_and_retrying_by_hand(sign_in):
    browser, run = sign_in(user_in("Administrator")), numbers_run(10, bad=[3])
    assert browser.get(f"/runs/{run.pk}/cancel/").status_code == 405
    assert browser.get(f"/runs/{run.pk}/retry/").status_code == 405
    assert "not over yet" in browser.post(f"/runs/{run.pk}/retry/", follow=True).content.decode()
    execute_to_end(run)
    assert "over already" in browser.post(f"/runs/{run.pk}/cancel/", follow=True).content.decode()
    page = browser.post(f"/runs/{run.pk}/retry/", follow=True).content.decode()
    assert f"Retry of run {run.pk}" in page and Run.objects.filter(retry_of=run).count() == 1
    waiting = Run.objects.get(retry_of=run)
    page = browser.post(f"/runs/{waiting.pk}/cancel/", follow=True).content.decode()
    assert "stops after the piece in hand" in page
    assert Event.objects.filter(run=waiting, action="run_cancelled").exists()


@pytest.mark.django_db
def test_the_list_of_runs_filters(sign_in):
    execute_to_end(numbers_run(1))
    browser = sign_in(user_in("Administrator"))
    assert "Make numbers" in browser.get("/runs/?kind=test_numbers&status=DONE").content.decode()
    assert "Nothing matches" in browser.get("/runs/?status=FAILED").content.decode()


@pytest.mark.django_db
def test_the_level_of_a_message_is_known(django_assert_num_queries):
    run = execute_to_end(numbers_run(50, width=1))
    assert set(run.messages.values_list("level", flat=True)) <= set(RunMessage.Level.values)
    with django_assert_num_queries(3):
        progress(run)
