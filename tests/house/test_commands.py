"""The commands around the product: test, lint, doctor, bench, and which of them start servers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import bench
from bench import pages
from servicemgmt import machine
from servicemgmt.core.roles import DISPATCHER
from servicemgmt.embedded import commands
from servicemgmt.embedded.folder import Folder
from servicemgmt.management.commands import bench as bench_command
from servicemgmt.management.commands import demo, doctor, lint
from tests import make_money
from tests.cast import user_in

CHECKOUT = Path(__file__).resolve().parents[2]
SERVERS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "CI"}


def manage(*arguments: str, data: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if name not in SERVERS}
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), *arguments],
        capture_output=True,
        text=True,
        env=inherited | {"DATA_DIR": str(data)} | environment,
    )


# --- test -------------------------------------------------------------------------------------------------


def test_the_last_line_is_pytests_and_the_exit_code_too(tmp_path):
    done = manage("test", "-q", "tests/house/test_compose.py", data=tmp_path / "data")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].split()[1:3] == ["passed", "in"]
    assert done.stderr == ""


def test_a_run_without_tests_is_a_failure(tmp_path):
    done = manage("test", "-q", "-k", "no_such_test", "tests/house/test_compose.py", data=tmp_path / "data")
    assert done.returncode == 5


# --- servers ----------------------------------------------------------------------------------------------


def test_asking_for_help_starts_no_server(tmp_path):
    for arguments in (["help"], ["migrate", "--help"], ["demo", "--help"]):
        assert manage(*arguments, data=tmp_path / "data").returncode == 0
    assert not (tmp_path / "data/postgres").exists()


def test_configured_servers_are_used_instead_of_embedded_ones(tmp_path):
    done = manage(
        "migrate", data=tmp_path / "data", DATABASE_URL="postgresql://x@127.0.0.1:1/x", SECRET_KEY="x" * 50
    )
    assert "port 1 failed" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_configured_server_without_a_secret_key_is_refused_in_one_sentence(tmp_path):
    done = manage("migrate", data=tmp_path / "data", DATABASE_URL="postgresql://x@127.0.0.1:1/x")
    assert done.stderr.startswith("Set SECRET_KEY")
    assert "Traceback" not in done.stderr


def test_the_demo_never_starts_over_on_a_configured_server(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody/else")
    monkeypatch.setattr(commands.stopping, "end_at_once", lambda after: None)
    with pytest.raises(SystemExit, match="DATABASE_URL names a server"):
        commands.prepare_demo(Folder(tmp_path / "data"), ["demo", "--reset"])


@pytest.mark.parametrize("command", [demo, doctor])
@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "²"])
def test_what_is_no_port_is_told_before_anything_starts(command, port):
    parser = command.Command().create_parser("manage.py", "demo")
    with pytest.raises(CommandError, match="a port is a number from 1 to 65535"):
        parser.parse_args([f"--port={port}"])


def test_where_no_port_is_free_the_demo_says_so(monkeypatch):
    monkeypatch.setattr(demo.child, "is_free", lambda port: False)
    with pytest.raises(SystemExit, match="No port from 65000 on is free"):
        demo.Command().choose_port(65000)


# --- lint -------------------------------------------------------------------------------------------------


def test_lint_names_what_is_not_in_order(monkeypatch, capsys):
    outcomes = {"ruff": 0, "mypy": 1, "djlint": 0, "django": 0}
    done = lambda command, env: subprocess.CompletedProcess(command, outcomes[command[0]], "found this\n")  # noqa: E731
    monkeypatch.setattr(lint, "run", done)
    with pytest.raises(CommandError, match="Not in order: types"):
        call_command("lint")
    said = capsys.readouterr().out
    assert "format: ok" in said
    assert "types: failed\nfound this" in said


def test_lint_refuses_a_check_it_does_not_know():
    with pytest.raises(CommandError, match="No such check: beauty"):
        call_command("lint", "beauty")


# --- doctor -----------------------------------------------------------------------------------------------


@pytest.fixture
def desk(monkeypatch, tmp_path):
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return monkeypatch


def test_the_doctor_finds_a_machine_that_can_run_the_demo(desk, capsys):
    desk.setattr(machine, "pango", lambda: machine.Finding("Pango", True, "found"))
    call_command("doctor")
    assert "MISSING" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("pango", "apt install libpango-1.0-0"),
        ("packages", "run 'python3 manage.py version'"),
        ("disk", "set DATA_DIR to a folder elsewhere"),
    ],
)
def test_the_doctor_names_what_is_missing_and_the_command_that_mends_it(desk, capsys, check, says):
    failed = subprocess.CompletedProcess([], 1, "", "cannot load library 'libpango-1.0-0'")
    break_it = {
        "pango": lambda: desk.setattr(machine.subprocess, "run", lambda *args, **options: failed),
        "packages": lambda: desk.setattr(machine.bootstrap, "is_complete", lambda: False),
        "disk": lambda: desk.setattr(
            machine.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 1000)
        ),
    }
    break_it[check]()
    with pytest.raises(CommandError, match="MISSING"):
        call_command("doctor")
    line = next(line for line in capsys.readouterr().out.splitlines() if says in line)
    assert line.startswith("MISSING")


def test_a_missing_browser_and_a_taken_port_are_notes_only(desk, capsys):
    desk.delenv("CHROMIUM", raising=False)
    desk.setattr(machine.shutil, "which", lambda name: None)
    desk.setattr(machine.child, "is_free", lambda port: False)
    findings = [machine.browser(), machine.free_port(8000)]
    assert not any(finding.is_ok or finding.is_needed for finding in findings)
    assert "apt install chromium" in findings[0].text
    assert "demo --port" in findings[1].text


@pytest.mark.django_db
def test_the_doctor_looks_at_configured_servers(monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", "configured")
    monkeypatch.setattr(machine, "pango", lambda: machine.Finding("Pango", True, "found"))
    call_command("doctor")
    said = capsys.readouterr().out
    assert "PostgreSQL" in said
    assert "all applied" in said
    assert "last heard of beat" in said


# --- bench ------------------------------------------------------------------------------------------------


@pytest.fixture
def benchmark(monkeypatch, tmp_path):
    """Puts a benchmark `tea` into bench/ that measures what it is told."""
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/tea.py").touch()
    monkeypatch.setattr(bench_command, "CHECKOUT", tmp_path)

    def measures(*comparisons: bench.Comparison) -> list[tuple[str, ...]]:
        module, asked = type(sys)("bench.tea"), []
        module.measure = lambda *arguments: asked.append(arguments) or comparisons
        monkeypatch.setitem(sys.modules, "bench.tea", module)
        return asked

    return measures


def test_the_last_line_of_a_benchmark_is_one_json_object(benchmark, capsys):
    benchmark(bench.Comparison("brew", ours=[30, 31, 90], theirs=[60, 60, 60], at_most=1.0))
    call_command("bench", "tea")
    *table, last = capsys.readouterr().out.splitlines()
    assert json.loads(last) == {
        "bench": "tea",
        "ratios": {"brew": 0.5167},
        "ranges": {"brew": [0.5, 1.5]},
        "goals": {"brew": 1.0},
        "pass": True,
    }
    assert any("brew" in line and "0.50–1.50" in line for line in table)


def test_a_comparison_of_fewer_than_three_rounds_counts_for_nothing():
    for ours, theirs in (([1, 2], [1, 2]), ([1, 2, 3], [1, 2])):
        with pytest.raises(ValueError, match="3 rounds"):
            bench.Comparison("brew", ours, theirs, 1.0)


def test_a_missed_goal_fails_the_benchmark(benchmark, capsys):
    benchmark(
        bench.Comparison("brew", [1] * 3, [2] * 3, 1.0), bench.Comparison("pour", [3] * 3, [2] * 3, 1.0)
    )
    with pytest.raises(SystemExit, match="1"):
        call_command("bench", "tea")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["pass"] is False


def test_a_benchmark_is_given_what_stands_behind_its_name(benchmark):
    asked = benchmark(bench.Comparison("brew", [1] * 3, [2] * 3, 1.0))
    call_command("bench", "tea")
    call_command("bench", "tea", "leaves.csv")
    assert asked == [(), ("leaves.csv",)]


def test_an_unknown_benchmark_is_told_which_there_are(benchmark):
    with pytest.raises(CommandError, match="There are: tea"):
        call_command("bench", "coffee")


@pytest.mark.django_db
def test_the_pages_that_are_measured_answer(monkeypatch, settings):
    make_money.firm()
    user_in(DISPATCHER)
    monkeypatch.setattr(pages, "ROUNDS", 3)
    monkeypatch.setattr(pages, "REQUESTS", 1)
    monkeypatch.setattr("bench._pages.call_command", lambda *args, **options: None)
    settings.SECURE_SSL_REDIRECT = True
    assert all(comparison.ratio > 0 for comparison in pages.measure())
