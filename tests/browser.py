"""A real Chromium for tests, and the rule that a page must not complain."""

import os
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright

from servicemgmt import machine
from tests.situation import Unanswered

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: How long a page may take, in milliseconds: a loaded machine is slow, and slow is not wrong.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def launch() -> Iterator[Browser]:
    """Run Chromium for the block. Without one, tests skip on a desk and fail where CI=true."""
    path = machine.browser_path()
    if not path:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(machine.NO_BROWSER)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *sandbox])
        yield browser
        browser.close()


class Console:
    """Errors on the console, breaches of the content security policy and uncaught exceptions."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """Allow complaints that match, such as the browser's own line about an answer with status 409."""
        self.expected.append(pattern)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))

    def check(self) -> None:
        unexpected = [line for line in self.complaints if not any(re.search(p, line) for p in self.expected)]
        assert not unexpected, "The page complained:\n" + "\n".join(unexpected)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")


class Requests:
    """The requests that the live server is answering: what browsers left behind must end before tables are emptied."""

    def __init__(self) -> None:
        self.running = 0
        self.changed = threading.Condition()
        request_started.connect(self._start)
        request_finished.connect(self._finish)

    def wait(self) -> None:
        """Return once all are answered, those too that were sent a moment ago."""
        time.sleep(0.02)
        with self.changed:
            assert self.changed.wait_for(lambda: self.running == 0, PATIENCE / 1000), "A request never ends."

    def _start(self, **kwargs: Any) -> None:
        self._count(1)

    def _finish(self, **kwargs: Any) -> None:
        self._count(-1)

    def _count(self, change: int) -> None:
        if threading.current_thread() is threading.main_thread():
            return  # the test's own client
        with self.changed:
            self.running += change
            self.changed.notify_all()


class Opener:
    """Opens pages, each in a context of its own, so that two people can sit at two machines."""

    def __init__(self, browser: Browser, console: Console, requests: Requests, base_url: str) -> None:
        self.browser, self.console, self.requests, self.base_url = browser, console, requests, base_url
        self.contexts: list[BrowserContext] = []
        self.unanswered = Unanswered()

    def __call__(self, *, user: Any = None, **context_options: Any) -> Page:
        """A fresh page, signed in as `user` where one is given. Other options are Playwright's new_context's."""
        context = self.browser.new_context(base_url=self.base_url, **context_options)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        self.console.watch(context)
        self.unanswered.watch(context)
        if user is not None:
            sign_in(context, user, self.base_url)
        return context.new_page()

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.requests.wait()


def sign_in(context: BrowserContext, user: Any, base_url: str) -> None:
    """Give the context a session of `user` without the login page."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])


def go_offline(context: BrowserContext) -> None:
    """No net any more: what is written is refused here as well, for Chromium lets out what a reload sends at once."""
    context.set_offline(True)
    context.route("**/*", refuse_writing)


def go_online(context: BrowserContext) -> None:
    """The net is back."""
    context.unroute("**/*", refuse_writing)
    context.set_offline(False)


def refuse_writing(route: Route) -> None:
    if route.request.method == "POST":
        route.abort("internetdisconnected")
    else:
        route.fallback()
