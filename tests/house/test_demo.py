"""`manage.py demo`: one command from nothing to a signed-in person, and from there back to nothing."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from servicemgmt import env
from servicemgmt.embedded import child
from servicemgmt.embedded.folder import Folder
from servicemgmt.seed import LOGINS
from tests import database
from tests.house.checkouts import build_venv, copy_checkout, copy_python, hand_over
from tests.house.processes import User, are_gone, naming, until

CHECKOUT = Path(__file__).resolve().parents[2]
SERVERS = {"DATABASE_URL", "REDIS_URL", "DATA_DIR", "DEBUG", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in SERVERS}

#: With a database, so that there is one to load where these tests run alone.
pytestmark = [pytest.mark.long, pytest.mark.django_db]

numbers = itertools.count()


class Demo:
    """A running demo: what it printed, where it is, how it is stopped."""

    def __init__(
        self, data: Path, *arguments: str, checkout: Path = CHECKOUT, python=sys.executable, **popen
    ):
        self.data = data
        self.printed = data.with_name(f"{data.name}.printed-{next(numbers)}")
        environment = ENVIRONMENT | popen.pop("env", {}) | {"DATA_DIR": str(data)}
        command = [python, str(checkout / "manage.py"), "demo", "--port", str(child.free_port()), *arguments]
        with self.printed.open("w") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                **popen,
            )

    @property
    def output(self) -> str:
        return self.printed.read_text()

    def address(self, within: float = 60) -> str:
        """The first address printed."""
        assert until(lambda: "sign in as" in self.output or self.process.poll() is not None, within=within)
        found = re.search(r"http://\S+", self.output)
        assert found, self.output
        return found[0]

    def is_up(self) -> bool:
        """True when the login page, which needs database and cache, is served."""
        try:
            with urllib.request.urlopen(f"{self.address()}accounts/login/", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self, signum: signal.Signals) -> float:
        """How many seconds it took from the signal to the end."""
        began = time.monotonic()
        self.process.send_signal(signum)
        self.process.wait(30)
        return time.monotonic() - began

    def role(self, name: str) -> psutil.Process:
        words = {"web": "granian", "worker": "worker", "beat": "beat"}[name]
        children = psutil.Process(self.process.pid).children()
        alive = [one for one in children if one.status() != psutil.STATUS_ZOMBIE]
        return next(one for one in alive if any(words in word for word in one.cmdline()[2:6]))


def ignore_sigint() -> None:
    """What a shell does to a job in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.fixture(scope="module")
def data(tmp_path_factory, django_db_setup, migrated_dump) -> Iterator[Path]:
    """A data folder with a migrated database that is not empty: a demo on it starts in seconds."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    if migrated_dump:
        user = User(folder)
        settings = env.database(user.urls["DATABASE_URL"])
        assert database.load(migrated_dump, settings | {"NAME": "postgres"}, settings["NAME"])
        user.leave()
    else:
        manage("migrate", "-v0", data=folder)
    manage("shell", "-v0", "-c", COMPANY, data=folder)
    yield folder
    assert not naming(folder)


COMPANY = """
from servicemgmt.masterdata.models import Company, Currency
Company.objects.create(name="Nordlicht", currency=Currency.objects.create(code="EUR"))
"""


def manage(*arguments: str, data: Path) -> None:
    command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments]
    subprocess.run(command, env=ENVIRONMENT | {"DATA_DIR": str(data), "DEBUG": "1"}, check=True)


@pytest.fixture
def demo(data) -> Iterator[Demo]:
    demo = Demo(data)
    yield demo
    demo.process.kill()
    demo.process.wait()
    assert are_gone(data, within=10), naming(data)


def test_from_nothing_to_the_login_page_and_back_by_ctrl_c_in_the_background(tmp_path):
    demo = Demo(tmp_path / "data", preexec_fn=ignore_sigint)
    try:
        assert demo.address(within=900)
        assert demo.is_up()
        assert demo.stop(signal.SIGINT) < 10
    finally:
        demo.process.kill()
        demo.process.wait()
    assert not naming(demo.data)
    assert "Seeding" in demo.output
    assert "Traceback" not in demo.output
    for role, email, password in LOGINS:
        assert re.search(rf"{role}\s+{email}\s+{password}", demo.output)


def test_the_second_start_keeps_the_data_and_starting_over_waits_until_nobody_uses_it(demo):
    assert demo.is_up()
    assert "Seeding" not in demo.output
    assert "Migrating" not in demo.output

    command = [sys.executable, str(CHECKOUT / "manage.py"), "demo", "--reset"]
    refused = subprocess.run(
        command, capture_output=True, text=True, env=ENVIRONMENT | {"DATA_DIR": str(demo.data)}
    )
    assert refused.returncode == 1
    assert "stop it first" in refused.stderr

    assert demo.is_up()
    assert demo.stop(signal.SIGTERM) < 10
    assert not naming(demo.data)


def kill_each_party(demo: Demo) -> None:
    """Every process of the demo is killed, one after the other, and comes back."""
    assert demo.is_up()
    for name in ("web", "worker", "beat"):
        killed = demo.role(name)
        killed.kill()
        assert until(
            lambda name=name: f"The {name} process ended with code -9; start" in demo.output, within=10
        )
    for name in ("postgres", "valkey", "supervisor"):
        assert until(lambda: Folder(demo.data).read_state().get("ready"), within=20), name
        os.kill(Folder(demo.data).read_state()[f"{name}_pid"], signal.SIGKILL)
        assert until(demo.is_up, within=20), name
    assert demo.role("worker").is_running()


def test_whatever_is_killed_comes_back(demo):
    kill_each_party(demo)
    assert demo.stop(signal.SIGINT) < 10
    assert not naming(demo.data)


def test_a_killed_demo_leaves_nothing_behind_and_does_not_disturb_another_on_the_next_port(demo):
    port = demo.address().rstrip("/").rpartition(":")[2]
    second = Demo(demo.data, "--port", port)
    try:
        assert second.is_up()
        assert f"Port {port} is taken; using" in second.output
        assert port not in second.address()
        assert demo.is_up()
        demo.process.kill()
        demo.process.wait()
        assert second.is_up()
    finally:
        assert second.stop(signal.SIGHUP) < 10
    assert are_gone(demo.data, within=10), naming(demo.data)


@pytest.mark.parametrize("after", [0.1, 1, 2.5])
def test_stopped_in_the_middle_of_starting_it_is_gone_too(demo, after):
    time.sleep(after)
    assert demo.stop(signal.SIGTERM) < 10
    assert are_gone(demo.data, within=2), naming(demo.data)
    assert "Traceback" not in demo.output


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@as_root
def test_root_may_keep_its_checkout_to_itself(data, tmp_path):
    checkout = copy_checkout(tmp_path / "closed")
    checkout.chmod(0o700)
    (checkout / ".venv").symlink_to(CHECKOUT / ".venv")
    shutil.copytree(data, checkout / ".data", symlinks=True)
    demo = Demo(checkout / ".data", checkout=checkout)
    try:
        kill_each_party(demo)
    finally:
        demo.process.kill()  # the last party; nothing may outlive it
        demo.process.wait()
    assert are_gone(checkout, within=10), naming(checkout)


@pytest.fixture
def reachable_folder() -> Iterator[Path]:
    """A temporary folder that every account may enter; pytest's own are for the owner only."""
    with tempfile.TemporaryDirectory(prefix="servicemgmt-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@as_root
def test_an_ordinary_user_needs_nothing_from_root(data, reachable_folder):
    checkout = copy_checkout(reachable_folder / "checkout")
    python, environment = copy_python(reachable_folder / "python")
    build_venv(checkout, python, environment)
    shutil.copytree(data, checkout / ".data", symlinks=True)
    nobody = hand_over(checkout)
    demo = Demo(checkout / ".data", checkout=checkout, python=python, env=environment, **nobody)
    try:
        assert demo.is_up(), demo.output
        assert {one.username() for one in naming(checkout)} == {"nobody"}
    finally:
        assert demo.stop(signal.SIGTERM) < 10
    assert not naming(checkout)
