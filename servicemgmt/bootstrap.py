"""Find a Python that Django supports, build .venv from the hashed lock file, run the command again inside it.

Only the standard library, and only syntax that Python 3.8 reads: this module runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(HERE, ".venv")
LOCK_FILE = os.path.join(HERE, "requirements.lock")
STAMP = os.path.join(VENV, ".requirements-sha256")
OLDEST, NEWEST = (3, 12), (3, 14)
PREFERRED = ("3.13", "3.14", "3.12")
UV_SECONDS = 60
PROBE = """
import sys
print(*sys.version_info[:2])
try:
    import ensurepip, venv
except ImportError:
    print("bare")
"""


def ensure():
    """Return inside .venv with everything of the lock file installed; otherwise mend that and start again.

    Exits with one sentence where it cannot. SERVICEMGMT_BOOTSTRAP=0 trusts the running interpreter (containers).
    """
    if os.environ.get("SERVICEMGMT_BOOTSTRAP") == "0":
        return
    if is_complete():
        if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
            return
    else:
        with only_one() as lock:
            if not is_complete():
                stop_cleanly()
                build(lock)
    run_again(venv_python())


def is_complete():
    """True when .venv holds exactly what the lock file of this moment asks for, and its Python still exists."""
    try:
        with open(STAMP, encoding="ascii") as stamp:
            return stamp.read().strip() == fingerprint() and os.path.exists(venv_python())
    except OSError:
        return False


def fingerprint():
    with open(LOCK_FILE, "rb") as lock:
        return hashlib.sha256(lock.read()).hexdigest()


def venv_python():
    return (
        os.path.join(VENV, "Scripts", "python.exe")
        if os.name == "nt"
        else os.path.join(VENV, "bin", "python")
    )


def run_again(python):
    """Become the same command under `python`. Does not return."""
    command = [python, os.path.join(HERE, "manage.py"), *sys.argv[1:]]
    if os.name == "nt":  # exec on Windows returns to the shell before the command has ended
        sys.exit(subprocess.call(command))
    os.execv(python, command)


@contextlib.contextmanager
def only_one():
    """Let one process at a time build .venv; the others wait and find it done."""
    if fcntl is None:
        yield None
        return
    try:
        handle = open(os.path.join(HERE, ".bootstrap-lock"), "w")
    except OSError as error:
        sys.exit("Cannot write to %s (%s): run this as the owner of the checkout." % (HERE, error.strerror))
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another process is building .venv; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle


def stop_cleanly():
    """While building, leave by the front door on every signal, so that pip is stopped and not left behind."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)


class Starting:
    """Whether a child is being started: until its name is known nobody could take it along, so signals wait."""

    now = False
    signum = None


def leave(signum, _frame):
    if Starting.now:
        Starting.signum = signum
    else:
        sys.exit(128 + signum)


def build(lock):
    """Make .venv complete. What is there is kept if it still works; a half-made or broken one is made anew."""
    if is_supported(probe(venv_python())):
        say("Installing what has changed in requirements.lock ...")
        code, _output = install(lock)
    else:
        code = None
    if code != 0:
        create(find_python() or install_python() or sys.exit(no_python_message()), lock)
        code, output = install(lock)
        if code != 0:
            sys.exit(
                "%s\nThe packages of requirements.lock could not be installed; see above." % output[-3000:]
            )
    locate = [venv_python(), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    purelib = subprocess.check_output(locate).decode().strip()
    with open(os.path.join(purelib, "servicemgmt-checkout.pth"), "w", encoding="utf-8") as path_file:
        path_file.write(HERE + "\n")
    with open(STAMP, "w", encoding="ascii") as stamp:
        stamp.write(fingerprint())


def create(python, lock):
    say("Building .venv with %s (once, about half a minute) ..." % python)
    code, output = run([python, "-m", "venv", "--clear", VENV], lock)
    if code != 0:
        sys.exit("%s\n%s could not build .venv; see above." % (output[-3000:], python))


def install(lock):
    """Let pip install the lock file into .venv. Returns its exit code and what it said."""
    pip = [
        venv_python(),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--require-hashes",
        "-r",
        LOCK_FILE,
    ]
    return run(pip, lock, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")


def run(command, lock, **environment):
    """Run to the end and return exit code and output. Asked to stop, take the whole process group along.

    The child shares the lock: if this process is killed outright, nobody builds while pip is still at work.
    """
    own_group = {} if lock is None else {"start_new_session": True, "pass_fds": [lock.fileno()]}
    Starting.now = True
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(os.environ, **environment),
            **own_group,
        )
    finally:
        Starting.now = False
    try:
        if Starting.signum:
            leave(Starting.signum, None)
        output, _ = process.communicate()
    except BaseException:
        if lock is None:
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode, output.decode(errors="replace")


# --- finding a Python -------------------------------------------------------------------------------------


def candidates(environment, home):
    """Where a Python may be, best first: the one running, PATH, pyenv, uv, Homebrew. Paths need not exist."""
    found = [sys.executable]
    names = ["python%s" % version for version in PREFERRED] + ["python3", "python"]
    found += [shutil.which(name, path=environment.get("PATH", os.defpath)) for name in names]
    pyenv = environment.get("PYENV_ROOT") or os.path.join(home, ".pyenv")
    data = environment.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    uv = environment.get("UV_PYTHON_INSTALL_DIR") or os.path.join(data, "uv", "python")
    for version in PREFERRED:
        found += newest_first(os.path.join(pyenv, "versions", version + ".*[0-9]", "bin", "python3"))
        found += newest_first(os.path.join(uv, "cpython-%s.*" % version, "bin", "python3"))
        for prefix in ("/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"):
            found.append(os.path.join(prefix, "bin", "python" + version))
    return [path for path in dict.fromkeys(found) if path]


def newest_first(pattern):
    return sorted(
        glob.glob(pattern), key=lambda path: [int(n) for n in re.findall(r"\d+", path)], reverse=True
    )


def probe(python):
    """(3, 13) for a usable Python, (3, 13, "bare") for one without ensurepip, () for anything else."""
    if not os.path.exists(python):
        return ()
    try:
        answer = subprocess.run(
            [python, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20
        )
        major, minor, *bare = answer.stdout.decode().split()
        return (int(major), int(minor), *bare)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def is_supported(version):
    return len(version) == 2 and OLDEST <= version <= NEWEST


def find_python():
    """The first supported Python on this machine that can build a virtual environment, or None."""
    paths = candidates(os.environ, os.path.expanduser("~"))
    return next((path for path in paths if is_supported(probe(path))), None)


def install_python():
    """Let uv install a Python, for at most a minute altogether. None where there is no uv or it did not work."""
    deadline = time.monotonic() + UV_SECONDS
    say("No Python %s to %s found; asking uv for one ..." % (dotted(OLDEST), dotted(NEWEST)))
    try:
        uv = find_uv() or install_uv(deadline)
        if not uv:
            return None
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        left = deadline - time.monotonic()
        subprocess.run([uv, "python", "install", PREFERRED[0]], timeout=left, check=True, **quiet)
        return find_python()
    except (OSError, subprocess.SubprocessError):
        return None


def find_uv():
    home = os.path.expanduser("~")
    places = [shutil.which("uv"), os.path.join(home, ".local/bin/uv"), os.path.join(home, ".cargo/bin/uv")]
    return next((place for place in places if place and os.access(place, os.X_OK)), None)


def install_uv(deadline):
    """Put uv into a folder of the checkout with the running Python's pip. None where pip is missing or fails."""
    target = os.path.join(HERE, ".bootstrap-uv")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--target",
        target,
        "--upgrade",
        "uv",
    ]
    left = deadline - time.monotonic()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=left)
    uv = os.path.join(target, "bin", "uv")
    return uv if done.returncode == 0 and os.path.exists(uv) else None


def no_python_message():
    """One sentence that names what is missing and the commands that mend it on this machine."""
    for path in candidates(os.environ, os.path.expanduser("~")):
        version = probe(path)
        if len(version) == 3 and is_supported(version[:2]):
            return without_ensurepip(path, dotted(version[:2]))
    return (
        "This project needs Python %s to %s and found only %s: install one with 'uv python install %s', "
        "'pyenv install %s', 'brew install python@%s' or your distribution's packages (%s), "
        "then run the same command again."
    ) % (
        dotted(OLDEST),
        dotted(NEWEST),
        platform.python_version(),
        PREFERRED[0],
        PREFERRED[0],
        PREFERRED[0],
        "python%s and python%s-venv" % (PREFERRED[0], PREFERRED[0]),
    )


def without_ensurepip(path, version):
    return (
        "%s has no ensurepip, which building .venv needs: run 'apt install python%s-venv' "
        "(or your distribution's package of that name), then the same command again."
    ) % (path, version)


def dotted(version):
    return ".".join(str(part) for part in version)


def say(sentence):
    print(sentence, file=sys.stderr, flush=True)
