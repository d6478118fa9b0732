"""manage.py starts under any Python from 3.8 on, finds a supported one and builds .venv."""

import ast
import glob
import os
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from servicemgmt import bootstrap
from tests.house.processes import are_gone

CHECKOUT = Path(__file__).resolve().parents[2]
OLD_SYNTAX = [
    CHECKOUT / "manage.py",
    CHECKOUT / "servicemgmt/bootstrap.py",
    CHECKOUT / "servicemgmt/__init__.py",
]
STUB = "import sys\ndef run(argv):\n    print(sys.prefix, *argv[1:])\n"


def executable(path: Path, script: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def small_checkout(tmp_path):
    """A checkout whose lock file asks for nothing: building its .venv takes seconds, not half a minute."""
    (tmp_path / "servicemgmt/embedded").mkdir(parents=True)
    for path in OLD_SYNTAX:
        shutil.copy(path, tmp_path / path.relative_to(CHECKOUT))
    (tmp_path / "servicemgmt/embedded/__init__.py").touch()
    (tmp_path / "servicemgmt/embedded/commands.py").write_text(STUB)
    (tmp_path / "requirements.lock").write_text("# nothing\n")
    return tmp_path


def run(checkout: Path, *arguments: str, **popen):
    command = [sys.executable, str(checkout / "manage.py"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)


def finish(process):
    with process:
        output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


# --- what any old Python reads ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", OLD_SYNTAX, ids=lambda path: path.name)
def test_the_first_files_are_written_in_the_syntax_of_python_3_8(path):
    ast.parse(path.read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("path", OLD_SYNTAX, ids=lambda path: path.name)
def test_a_real_python_3_8_compiles_the_first_files(path):
    found = [shutil.which("python3.8"), *glob.glob(os.path.expanduser("~/.pyenv/versions/3.8.*/bin/python3"))]
    pythons = [python for python in found if python and os.access(python, os.X_OK)]
    if not pythons:
        pytest.skip("there is no Python 3.8 on this machine")
    check = "import sys; compile(open(sys.argv[1]).read(), sys.argv[1], 'exec')"
    subprocess.run([pythons[-1], "-c", check, str(path)], check=True)


def test_the_bootstrap_imports_only_the_standard_library():
    tree = ast.parse((CHECKOUT / "servicemgmt/bootstrap.py").read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in imports if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


# --- finding a Python -------------------------------------------------------------------------------------


def test_the_running_python_and_path_come_before_pyenv_and_uv(tmp_path):
    on_path = executable(tmp_path / "bin/python3.13", "")
    pyenv = executable(tmp_path / ".pyenv/versions/3.13.2/bin/python3", "")
    uv = executable(tmp_path / ".local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3", "")
    found = bootstrap.candidates({"PATH": str(tmp_path / "bin")}, str(tmp_path))
    assert found[0] == sys.executable
    assert [path for path in found if path in {on_path, pyenv, uv}] == [on_path, pyenv, uv]
    assert "/opt/homebrew/bin/python3.13" in found


def test_the_newest_patch_release_comes_first_and_unfinished_builds_never(tmp_path):
    for version in ("3.13.2", "3.13.10", "3.13-dev", "3.14.0t", "3.11.9"):
        executable(tmp_path / f"versions/{version}/bin/python3", "")
    found = bootstrap.candidates({"PYENV_ROOT": str(tmp_path), "PATH": ""}, "/nowhere")
    ours = [Path(path).parent.parent.name for path in found if path.startswith(str(tmp_path))]
    assert ours == ["3.13.10", "3.13.2"]


@pytest.mark.parametrize(
    ("says", "supported"),
    [("3 11", False), ("3 12", True), ("3 13", True), ("3 14", True), ("3 15", False), ("3 13\nbare", False)],
)
def test_only_versions_that_django_supports_and_that_can_build_a_venv_are_taken(tmp_path, says, supported):
    python = executable(tmp_path / "python", f"printf '{says}'")
    assert bootstrap.is_supported(bootstrap.probe(python)) is supported


@pytest.mark.parametrize("script", ["exit 127", "echo nonsense", "kill -9 $$"])
def test_a_shim_that_does_not_work_is_passed_over(tmp_path, script):
    assert bootstrap.probe(executable(tmp_path / "python", script)) == ()


def test_a_python_without_ensurepip_is_named_with_its_package(tmp_path, monkeypatch):
    bare = executable(tmp_path / "python3.12", "printf '3 12\nbare'")
    monkeypatch.setattr(bootstrap, "candidates", lambda environment, home: [bare])
    assert bootstrap.find_python() is None
    message = bootstrap.no_python_message()
    assert message.startswith(bare)
    assert "apt install python3.12-venv" in message


def test_where_there_is_no_python_one_sentence_names_the_ways_to_get_one(monkeypatch):
    monkeypatch.setattr(bootstrap, "candidates", lambda environment, home: [])
    message = bootstrap.no_python_message()
    assert "3.12 to 3.14" in message
    assert "\n" not in message
    for way in (
        "uv python install 3.13",
        "pyenv install 3.13",
        "brew install python@3.13",
        "python3.13-venv",
    ):
        assert way in message


def test_uv_is_given_a_minute_altogether_and_not_more(tmp_path, monkeypatch, capsys):
    uv = executable(tmp_path / "uv", "sleep 30")
    monkeypatch.setattr(bootstrap, "UV_SECONDS", 0.2)
    monkeypatch.setattr(bootstrap, "find_uv", lambda: uv)
    assert bootstrap.install_python() is None
    assert "asking uv" in capsys.readouterr().err


def test_a_python_that_uv_installed_is_used(tmp_path, monkeypatch, capsys):
    python = tmp_path / "python"
    uv = executable(tmp_path / "uv", f"[ \"$*\" = 'python install 3.13' ] && touch {python}")
    monkeypatch.setattr(bootstrap, "find_uv", lambda: uv)
    monkeypatch.setattr(bootstrap, "find_python", lambda: str(python) if python.exists() else None)
    assert bootstrap.install_python() == str(python)


# --- building .venv ---------------------------------------------------------------------------------------


def test_two_commands_at_once_build_one_venv_and_later_ones_keep_it_whole(small_checkout):
    first, second = run(small_checkout, "one"), run(small_checkout, "two")
    answers = [finish(first), finish(second)]
    venv = str(small_checkout / ".venv")
    assert sorted(output.split() for _code, output, _errors in answers) == [[venv, "one"], [venv, "two"]]
    said = "".join(errors for _code, _output, errors in answers)
    assert said.count("Building .venv") == 1
    assert finish(run(small_checkout))[2] == ""

    (small_checkout / "requirements.lock").write_text("# nothing, said differently\n")
    assert "what has changed" in finish(run(small_checkout))[2]

    (small_checkout / ".venv/bin/python").unlink()
    code, output, errors = finish(run(small_checkout, "again"))
    assert (code, output.split()[1]) == (0, "again")
    assert "Building .venv" in errors


def test_a_lock_file_that_cannot_be_installed_is_told_with_pips_reason(small_checkout):
    (small_checkout / "requirements.lock").write_text("django==6.1.3\n")
    code, output, errors = finish(run(small_checkout))
    assert code == 1
    assert "hashes are required" in errors.lower()
    assert errors.strip().endswith("The packages of requirements.lock could not be installed; see above.")
    assert not (small_checkout / ".venv/.requirements-sha256").exists()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_while_building_it_takes_its_children_along(small_checkout, signum):
    ignoring = textwrap.dedent(
        f"""
        import os, signal, sys
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.execv(sys.executable, [sys.executable, {str(small_checkout / "manage.py")!r}])
        """
    )
    command = [sys.executable, "-c", ignoring]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert "Building .venv" in process.stderr.readline()
    process.send_signal(signum)
    code, _output, _errors = finish(process)
    assert code == 128 + signum
    assert are_gone(small_checkout, within=3)
