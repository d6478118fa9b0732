import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from servicemgmt.embedded import child, commands, company, membership, stopping
from servicemgmt.embedded.folder import CHECKOUT
from servicemgmt.embedded.party import Party, roles
from servicemgmt.seed import LOGINS

FIRST_PORT = 8000
READY_SECONDS = 60


class Command(BaseCommand):
    """The whole product in the foreground. `embedded.commands.prepare_demo` has run before this module is loaded."""

    help = "Start everything - database, broker, web, worker, beat - with a seeded company. Ctrl-C stops it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port", type=child.port, default=FIRST_PORT, help=f"first port to try ({FIRST_PORT})"
        )
        parser.add_argument("--reset", action="store_true", help="delete all data first and start over")

    def handle(self, *, port: int, **options: Any) -> None:
        stopping.take_note()
        folder = commands.desk_folder()
        self.prepare()
        call_command("collectstatic", verbosity=0, interactive=False)
        stopping.check()
        party = Party(folder, roles(self.choose_port(port), folder), self.say)
        try:
            self.run_until_stopped(party)
        finally:
            party.stop()
            membership.leave()

    def prepare(self) -> None:
        """Migrate and seed in a process of its own: it takes long, and a signal must not have to wait for it."""
        if not company.is_behind() and not company.is_empty():
            return
        command = [sys.executable, str(CHECKOUT / "manage.py"), "prepare"]
        process = child.spawn(command, env=os.environ, dies_by=signal.SIGKILL)
        try:
            while process.poll() is None:
                stopping.pause(0.1)
        finally:
            child.kill_session(process)
        if process.returncode:
            raise SystemExit(process.returncode)

    def choose_port(self, wish: int) -> int:
        self.port = next((port for port in range(wish, child.LAST_PORT + 1) if child.is_free(port)), 0)
        if not self.port:
            raise SystemExit(f"No port from {wish} on is free: run 'manage.py demo --port' with a lower one.")
        if self.port != wish:
            self.say(f"Port {wish} is taken; using {self.port}.")
        return self.port

    def run_until_stopped(self, party: Party) -> None:
        self.await_web(party)
        party.tend()
        self.greet(party)
        while True:
            stopping.pause(0.5)
            if membership.current:
                membership.current.keep()
            party.tend()

    def await_web(self, party: Party) -> None:
        """Start the web server alone, so that it is up sooner; Party.tend raises where it ends instead."""
        deadline = time.monotonic() + READY_SECONDS
        party.tend("web")
        while not self.is_answering():
            if time.monotonic() > deadline:
                log = party.folder.logs / "web.log"
                raise SystemExit(f"The web server did not answer in {READY_SECONDS} s; see {log}.")
            stopping.pause(0.1)
            party.tend("web")

    def is_answering(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    def greet(self, party: Party) -> None:
        self.say(f"\nOpen http://{self.host()}:{self.port}/ and sign in as\n")
        for role, email, password in LOGINS:
            self.say(f"  {role:<15} {email:<35} {password}")
        self.say(f"\nLogs are in {party.folder.logs}. Ctrl-C stops everything; the data stays.")

    def host(self) -> str:
        """The name, where it means this machine: browsers allow passkeys for a name, not for an address."""
        try:
            return "localhost" if socket.gethostbyname("localhost") == "127.0.0.1" else "127.0.0.1"
        except OSError:
            return "127.0.0.1"

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
