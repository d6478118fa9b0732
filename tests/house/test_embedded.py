"""PostgreSQL and Valkey out of the wheels: shared by whoever needs them, back after every kill, never left behind."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from servicemgmt.embedded import throwaway
from servicemgmt.embedded.folder import Folder
from servicemgmt.embedded.membership import reset
from tests.house.processes import USER, User, are_gone, naming, until

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """One folder for all tests here: making a cluster takes a second, starting it again takes a fifth."""
    return tmp_path_factory.mktemp("embedded") / "data"


@pytest.fixture
def user(cluster):
    user = User(cluster)
    yield user
    user.leave()
    assert are_gone(cluster, within=10)


def pid_of(cluster: Path, name: str) -> int:
    return Folder(cluster).read_state()[f"{name}_pid"]


def answers(urls: dict[str, str]) -> bool:
    try:
        with psycopg.connect(urls["DATABASE_URL"], connect_timeout=2) as connection:
            connection.execute("SELECT 1")
        with redis.Redis.from_url(urls["REDIS_URL"], socket_timeout=2) as client:
            return bool(client.ping())
    except (psycopg.OperationalError, redis.RedisError):
        return False


def remember(urls: dict[str, str], word: str) -> None:
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS remembered (word text)")
        connection.execute("INSERT INTO remembered VALUES (%s)", [word])


def remembers(urls: dict[str, str], word: str) -> bool:
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        return bool(connection.execute("SELECT 1 FROM remembered WHERE word = %s", [word]).fetchone())


def test_a_second_user_shares_the_servers_and_the_last_one_out_stops_them(cluster):
    first, second = User(cluster), User(cluster)
    try:
        assert first.urls == second.urls
        first.leave()
        assert answers(second.urls)
    finally:
        second.leave()
    assert are_gone(cluster, within=1)


def test_data_and_addresses_survive_a_stop(cluster):
    first = User(cluster)
    remember(first.urls, "kept over a stop")
    first.leave()
    second = User(cluster)
    assert second.urls == first.urls
    assert remembers(second.urls, "kept over a stop")
    second.leave()


@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_a_killed_server_is_back_at_its_address_with_its_data(cluster, user, server):
    remember(user.urls, f"before {server} died")
    killed = pid_of(cluster, server)
    os.kill(killed, signal.SIGKILL)
    assert until(lambda: pid_of(cluster, server) != killed and answers(user.urls), within=15)
    assert remembers(user.urls, f"before {server} died")


def test_a_killed_supervisor_takes_its_servers_along_and_the_next_one_recovers(cluster, user):
    remember(user.urls, "before the supervisor died")
    servers = [psutil.Process(pid_of(cluster, name)) for name in ("postgres", "valkey")]
    os.kill(pid_of(cluster, "supervisor"), signal.SIGKILL)
    assert until(lambda: not any(server.is_running() for server in servers), within=10)
    user.keep()
    assert answers(user.urls)
    assert remembers(user.urls, "before the supervisor died")


def test_after_everything_was_killed_at_once_the_next_user_finds_its_data(cluster):
    user = User(cluster)
    remember(user.urls, "before the power cut")
    for name in ("supervisor", "postgres", "valkey"):
        os.kill(pid_of(cluster, name), signal.SIGKILL)
    user.kill()
    assert are_gone(cluster, within=10)
    again = User(cluster)
    assert remembers(again.urls, "before the power cut")
    again.leave()


def test_a_killed_user_leaves_no_server_behind(cluster):
    user = User(cluster)
    user.kill()
    assert are_gone(cluster, within=10)


def test_ctrl_c_in_the_terminal_of_one_user_does_not_reach_the_servers(cluster):
    first = User(cluster, start_new_session=True)
    second = User(cluster)
    os.killpg(first.process.pid, signal.SIGINT)
    first.process.communicate(timeout=10)
    assert answers(second.urls)
    second.leave()


def test_a_pid_file_whose_number_belongs_to_somebody_else_does_not_stop_a_start(cluster):
    user = User(cluster)
    user.leave()
    (cluster / "postgres/postmaster.pid").write_text(f"{os.getpid()}\n{cluster}/postgres\n0\n5432\n\n\n")
    again = User(cluster)
    assert answers(again.urls)
    again.leave()


def test_the_servers_listen_on_loopback_only_and_ask_for_a_password(cluster, user):
    for name in ("postgres", "valkey"):
        sockets = psutil.Process(pid_of(cluster, name)).net_connections()
        listening = {socket.laddr.ip for socket in sockets if socket.status == psutil.CONN_LISTEN}
        assert listening == {"127.0.0.1"}
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(user.urls["DATABASE_URL"], password="wrong")
    with psycopg.connect(user.urls["DATABASE_URL"]) as connection:
        roles = connection.execute(
            "SELECT rolname, rolsuper FROM pg_roles WHERE rolcanlogin ORDER BY 1"
        ).fetchall()
        assert roles == [("postgres", True), ("servicemgmt", False)]
    port = psycopg.conninfo.conninfo_to_dict(user.urls["REDIS_URL"].replace("redis://", "postgresql://"))[
        "port"
    ]
    with redis.Redis(port=int(port)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_passwords_are_in_private_files_and_in_no_command_line(cluster, user):
    secrets = [cluster / "postgres.password", cluster / "valkey.password"]
    for path in [*secrets, cluster / "valkey/valkey.conf", cluster / "servers.json"]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    words = " ".join(word for process in naming(cluster) for word in process.cmdline())
    assert all(path.read_text() not in words for path in secrets)


def test_starting_over_waits_for_the_last_user_and_leaves_nothing_of_the_data(tmp_path):
    folder = Folder(tmp_path / "data")
    user = User(folder.root)
    with pytest.raises(SystemExit, match="Another process is using .*: stop it first"):
        reset(folder)
    user.leave()
    reset(folder)
    assert {path.name for path in folder.root.iterdir()} == {"users.lock", "supervisor.lock"}


def test_a_lost_password_is_told_and_never_replaced(cluster):
    password = cluster / "postgres.password"
    kept = password.rename(cluster / "kept")
    done = subprocess.run(
        [sys.executable, "-c", USER, str(cluster)], capture_output=True, text=True, cwd=CHECKOUT
    )
    kept.rename(password)
    assert "bring postgres.password back" in done.stderr


def test_a_supervisor_that_cannot_start_says_why(tmp_path):
    folder = tmp_path / "data"
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres/PG_VERSION").write_text("12\n")
    command = [sys.executable, "-c", USER, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "was written by PostgreSQL 12, and this is 18" in done.stderr
    assert "Traceback" not in done.stderr
    assert are_gone(folder, within=5)


# --- throw-away servers -----------------------------------------------------------------------------------

RUN = """
import os, sys
sys.path.insert(0, os.getcwd())
from tests.plugin import servers
print(servers.root, flush=True)
sys.stdin.read()
"""


def start_run() -> tuple["subprocess.Popen[str]", Path]:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
    }
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", RUN]
    run = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=CHECKOUT, env=environment)
    return run, Path(run.stdout.readline().strip())


def test_a_killed_test_run_leaves_neither_servers_nor_files():
    run, folder = start_run()
    assert folder.exists()
    run.kill()
    run.communicate()
    assert are_gone(folder, within=10)
    assert until(lambda: not folder.exists(), within=5)


def test_the_next_run_removes_what_was_left_when_everything_was_killed():
    run, folder = start_run()
    os.kill(pid_of(folder, "supervisor"), signal.SIGKILL)
    run.kill()
    run.communicate()
    assert are_gone(folder, within=10)
    assert folder.exists()
    throwaway.sweep()
    assert not folder.exists()
