"""Fixtures for the whole suite: a real browser, a real Celery worker."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection
from django.test import Client, TransactionTestCase
from psycopg import Cursor
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import database, situation
from tests.browser import Console, Opener, Requests, launch
from tests.plugin import servers

pytest_plugins: list[str] = []

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile(
    "suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever uses a page needs a browser: mark it. The long tests come first, so that all processes end together."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    for marker in ("browser", "long"):
        items.sort(key=lambda item, marker=marker: item.get_closest_marker(marker) is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A test with a browser that fails also tells what pages, server and database were at."""
    report = yield
    opener = getattr(item, "funcargs", {}).get("new_page")
    if opener and call.when == "call" and report.failed:
        report.sections.append(("What was going on", situation.told(opener.unanswered)))
    return report


@pytest.fixture
def in_march() -> Iterator[None]:
    """Today is the day that the builders' year is about, for tests of what asks the clock; it goes on from there."""
    from tests.make_money import NOW

    with time_machine.travel(NOW):
        yield


@pytest.fixture(scope="session")
def migrated_dump(request) -> Path | None:
    """Where the migrated, empty database of these migrations is kept between runs; None on foreign servers."""
    return servers and request.config.cache.mkdir("database") / f"{database.fingerprint()}.sql"


@pytest.fixture(scope="session")
def first_to_migrate(migrated_dump) -> Iterator[ExitStack]:
    """Held by the one process of a run that migrates where there is no dump yet; the others wait and load its dump."""
    with ExitStack() as turn:
        if migrated_dump and not migrated_dump.exists():
            lock = turn.enter_context(migrated_dump.with_suffix(".lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield turn


@pytest.fixture(scope="session")
def django_db_keepdb(request, migrated_dump, first_to_migrate, django_db_modify_db_settings) -> bool:
    """Start from the dump where there is one: pytest-django then finds its database there, and migrated."""
    if migrated_dump is None or request.config.getvalue("create_db"):
        return bool(request.config.getvalue("reuse_db"))
    settings = connection.settings_dict
    return database.load(migrated_dump, settings, settings["TEST"]["NAME"] or f"test_{settings['NAME']}")


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup, django_db_keepdb, django_db_blocker, migrated_dump, first_to_migrate
) -> Iterator[None]:
    """What pytest-django does; then remember the migrated database for the next run.

    Sessions that a killed process or a thread of a test left behind end before the database is dropped.
    """
    if migrated_dump and not django_db_keepdb:
        database.save(migrated_dump, connection.settings_dict, connection.settings_dict["NAME"])
    first_to_migrate.close()
    yield
    with django_db_blocker.unblock():
        database.end_other_sessions()


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_quickly():
    """Only those that hold something, on our own servers, where the tests may do everything; else by Django's flush."""
    plain, stood = TransactionTestCase._fixture_teardown, None

    def teardown(case):
        nonlocal stood
        if servers and stood and database.kept() == stood:
            database.empty()
        else:
            with database.frozen_rows_may_go():
                plain(case)
            stood = database.kept()
        database.forget_numbers()

    with patch.object(TransactionTestCase, "_fixture_teardown", teardown):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_are_kept():
    """Browsers ask for each style sheet and script once, as in production, where names carry digests."""
    plain = StaticFilesHandler.serve

    def serve(handler, request):
        response = plain(handler, request)
        response["Cache-Control"] = "max-age=3600, immutable"
        return response

    with patch.object(StaticFilesHandler, "serve", serve):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_are_found_once():
    """Every test client is given the application anew, and with it all files that WhiteNoise serves."""
    plain, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def add_files_from_finders(middleware):
        if not found:
            plain(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with patch.object(WhiteNoiseMiddleware, "add_files_from_finders", add_files_from_finders):
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_are_hashed_quickly():
    """By the same function as in production, which takes a tenth of a second on purpose."""
    with patch.multiple(Argon2PasswordHasher, time_cost=1, memory_cost=8, parallelism=1):
        yield


@pytest.fixture(scope="session")
def browser():
    """The one Chromium of the run."""
    yield from launch()


@pytest.fixture
def console() -> Iterator[Console]:
    """What the pages of a test complained about; any complaint not expected fails the test at its end."""
    console = Console()
    yield console
    console.check()


@pytest.fixture(scope="session")
def requests() -> Requests:
    """What the live server is answering."""
    return Requests()


@pytest.fixture
def new_page(browser, console, requests, live_server) -> Iterator[Opener]:
    """Opens pages in contexts of their own: `new_page(user=ann)`, `new_page(viewport=..., has_touch=True)`."""
    opener = Opener(browser, console, requests, live_server.url)
    yield opener
    opener.close()


@pytest.fixture
def page(new_page: Opener):
    """A page that nobody is signed in to; relative addresses go to the live server."""
    return new_page()


@pytest.fixture
def start_celery_worker(transactional_db) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts real workers on the test database and broker: `start_celery_worker("--concurrency=2")`."""
    workers: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        workers.append(_worker(*arguments))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        worker.communicate()
    _empty_queues()


@pytest.fixture
def celery_worker_process(start_celery_worker) -> "subprocess.Popen[str]":
    """One worker for both queues, ready to take tasks."""
    return start_celery_worker()


def _worker(*arguments: str) -> "subprocess.Popen[str]":
    """A worker that has said it is ready. Killed, it takes its pool along."""
    base, _, _name = os.environ["DATABASE_URL"].rpartition("/")
    command = [sys.executable, "-m", "celery", "-A", "servicemgmt.celery", "worker"]
    options = [
        "--queues=default,runs,documents",
        "--concurrency=1",
        "--loglevel=INFO",
        "--without-gossip",
        "--without-mingle",
    ]
    worker = subprocess.Popen(
        [*command, *options, *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}", "PYTHONWARNINGS": ROOT_IS_FINE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert worker.stdout
    said = []
    for line in worker.stdout:
        said.append(line)
        if line.rstrip().endswith("ready."):
            return worker
    raise AssertionError("The Celery worker ended instead of becoming ready:\n" + "".join(said))


ROOT_IS_FINE = "ignore:You're running the worker with superuser privileges:UserWarning"


def _empty_queues() -> None:
    from kombu import pools

    from servicemgmt.celery import app

    app.control.purge()
    pools.reset()
    app._after_fork()  # forgets the pools just closed, so that the next test gets new ones


WRITES = ("INSERT INTO", "UPDATE", "DELETE FROM")
#: Tables that are not the company's business: sessions, and what the framework keeps for itself.
FRAMEWORK = ("django_", "usersessions_", "mfa_", "account_")


@pytest.fixture(autouse=True)
def every_post_that_writes_leaves_a_trace(monkeypatch):
    """A POST that changes a row of ours writes an Event too, or its view says why not (`@traceless`)."""
    plain_post = Client.post

    def post(client, *args, **kwargs):
        written: list[str] = []

        def watch(execute, sql, params, many, context):
            if str(sql).startswith(WRITES):
                written.append(
                    str(sql).replace('"', "").removeprefix("INSERT INTO ").removeprefix("DELETE FROM ")
                )
            return execute(sql, params, many, context)

        plain_copy = Cursor.copy

        def watch_copy(cursor, statement, *args, **kwargs):
            written.append(str(statement).replace('"', "").removeprefix("COPY "))
            return plain_copy(cursor, statement, *args, **kwargs)

        with connection.execute_wrapper(watch), patch.object(Cursor, "copy", watch_copy):
            response = plain_post(client, *args, **kwargs)
        tables = {sql.removeprefix("UPDATE ").split()[0] for sql in written}
        ours = {table for table in tables if not table.startswith(FRAMEWORK)}
        match = response.resolver_match
        view = match.func if match else None
        if ours and view and response.status_code < 400 and not hasattr(view, "traceless"):
            assert "core_event" in ours, f"{match.view_name} wrote {sorted(ours)} without an Event"
        return response

    monkeypatch.setattr(Client, "post", post)
