"""Deferred revenue recognised by itself, on a day of each month."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from servicemgmt.core.models import Event, Run
from servicemgmt.core.roles import ADMINISTRATOR
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.projects import tasks
from servicemgmt.projects.accruals.monthly import month_due, next_turn, start_monthly, turns
from servicemgmt.projects.models import ProjectParameters
from tests import make_money as make
from tests.cast import user_in
from tests.make_accruals import deferred, deferred_balance, fee
from tests.projects.ask import text_of, url

ONE_DAY = timedelta(days=1)


@given(st.dates(date(2000, 1, 31), date(2099, 12, 31)), st.integers(1, 28))
def test_SB_20_a_month_has_its_turn_once_it_is_over_and_each_has_one(on: date, day: int) -> None:
    due, following = month_due(on, day), next_turn(on, day)
    assert (due + ONE_DAY).day == 1 and due + timedelta(days=day) <= on
    assert on < following and following.day == day
    assert month_due(following - ONE_DAY, day) == due, "nothing comes before the next turn"
    assert month_due(following, day) == following.replace(day=1) - ONE_DAY > due


@pytest.mark.django_db
def test_SB_20_52_months_are_recognised_by_themselves_once_each() -> None:
    deferred("300", date(2026, 1, 1), date(2026, 3, 31))
    today = date(2026, 2, 1)
    assert start_monthly(on=today) is None, "no parameters, no turns"
    row = ProjectParameters.objects.create()
    assert start_monthly(on=today) is None, "no day, no turns"
    row.accrue_on_day, row.accrued_until = 3, date(2025, 12, 31)
    row.save()
    began = {}
    for number in range(70):
        on = today + number * ONE_DAY
        for _again in range(2):
            if run := start_monthly(on=on, enqueue=False):
                began[on] = execute_to_end(run)
        if on == date(2026, 3, 4):  # a fee for a month that had its turn comes with the next
            make.invoiced(
                fee("59", date(2026, 2, 1), date(2026, 2, 28), on_project=make.project("Late")),
                invoice_date=on,
            )
    assert [str(on) for on in began] == ["2026-02-03", "2026-03-03", "2026-04-03"]
    counts = [progress(run).counts for run in began.values()]
    assert counts == [{"posted": 1}, {"posted": 1}, {"posted": 2, "missed": 1}] and deferred_balance() == 0
    assert {run.started_by for run in began.values()} == {None}
    assert Event.objects.filter(action="run_started", actor=None).count() == 3
    slept = start_monthly(on=date(2026, 9, 2), enqueue=False)
    assert slept and slept.parameters["until"] == "2026-07-31", "what was slept through is one run"
    assert start_monthly(on=date(2026, 4, 3)) is None, "a clock that goes back starts nothing"


@pytest.mark.django_db
def test_SB_20_the_page_says_when_it_was_and_will_be(cleo) -> None:
    make.firm()
    assert "the project parameters name no day" in text_of(cleo.get(url("accrue")))
    parameters = reverse("core:setup_new", args=["projectparameters"])
    assert "less than or equal to 28" in text_of(cleo.post(parameters, {"accrue_on_day": 29}))
    assert cleo.post(parameters, {"accrue_on_day": 28}).status_code == 302
    row = ProjectParameters.objects.get()
    run = start_monthly(on=date(2026, 3, 28), enqueue=False)
    assert run and reverse("core:run", args=[run.pk]) in text_of(cleo.get(url("accrue")))
    seen = turns(date(2026, 4, 2))
    assert (seen.last, seen.last_until) == (run, date(2026, 2, 28))
    assert (seen.next_on, seen.next_until) == (date(2026, 4, 28), date(2026, 3, 31))
    assert turns(date(2026, 4, 28)).next_on == date(2026, 4, 29), "its turn has come, and the night has not"
    row.accrue_on_day = 29
    with pytest.raises(IntegrityError, match="projectparameters_day_of_every_month"), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError, match="projectparameters_is_one"), transaction.atomic():
        ProjectParameters.objects.create(only=False)
    assert user_in(ADMINISTRATOR).has_perm("projects.change_projectparameters")


@pytest.mark.django_db
def test_SB_20_the_command_and_the_clock_start_the_same(capsys) -> None:
    assert settings.CELERY_BEAT_SCHEDULE["recognise"]["task"] == tasks.recognise.name
    call_command("recognise")
    assert "Nothing to start" in capsys.readouterr().out
    ProjectParameters.objects.create(accrue_on_day=1)
    make.firm()
    call_command("recognise")
    assert "DONE: nothing is due" in capsys.readouterr().out
    tasks.recognise()
    assert Run.objects.count() == 1
