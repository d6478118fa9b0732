"""What the other tests stand on: a real browser that reports every complaint, a real worker on the test database."""

import pytest
from django.core.cache import cache

from servicemgmt import machine
from servicemgmt.core.tasks import heartbeat
from tests.browser import Console, launch
from tests.house.processes import until


def test_a_page_of_the_live_server_opens_in_a_real_browser(page):
    page.goto("/accounts/login/")
    assert page.get_by_role("button").first.is_visible()


def test_whatever_a_page_complains_about_is_heard(page, console):
    page.goto("/accounts/login/")
    page.evaluate("() => console.error('a line on the console')")
    page.evaluate("() => { setTimeout(() => { throw new Error('an uncaught error') }, 0) }")
    page.evaluate("() => { document.body.setAttribute('style', 'color: red') }")
    page.evaluate("() => new Promise(done => setTimeout(done, 50))")
    heard = "\n".join(console.complaints)
    for complaint in ("a line on the console", "an uncaught error", "Content Security Policy"):
        assert complaint in heard
        console.expect(complaint)


def test_a_complaint_that_was_not_expected_fails():
    console = Console()
    console.complaints.append("Failed to load resource: the server responded with a status of 409 (Conflict)")
    with pytest.raises(AssertionError, match="The page complained"):
        console.check()
    console.expect("status of 409")
    console.check()


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_a_browser_a_desk_skips_and_ci_fails(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(machine, "browser_path", lambda: None)
    with pytest.raises(outcome, match="apt install chromium"):
        next(launch())


def test_a_real_worker_takes_tasks_from_the_test_broker(celery_worker_process):
    cache.delete("beat")
    heartbeat.delay()
    assert until(lambda: cache.get("beat"), within=15)
