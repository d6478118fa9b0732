"""The pages of runs: progress, messages, who may see, stopping and retrying."""

import pytest

from servicemgmt.core.models import Event, Run
from servicemgmt.core.runs import execute_to_end
from servicemgmt.core.runs.work import plan, work_one
from tests.cast import stranger, user_in
from tests.core.kinds import NUMBERS
from tests.core.numbers import numbers_run

pytestmark = pytest.mark.usefixtures("numbers_kind")


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
    assert f"/runs/{run.pk}/retry/" not in browser.get(f"/runs/{run.pk}/").content.decode(), "it is retried"
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
