"""Run a management command, on the embedded servers where it needs servers and the environment names none."""

import os
import sys
from pathlib import Path

from servicemgmt.embedded import membership, stopping
from servicemgmt.embedded.folder import CHECKOUT, Folder

# `test` starts servers of its own; the others never speak to one.
WITHOUT_SERVERS = {
    *("help", "version", "check", "diffsettings", "findstatic", "collectstatic", "sendtestemail"),
    *("makemessages", "compilemessages", "startapp", "startproject", "doctor", "lint", "screenshots", "test"),
}

# They judge the source with settings of their own, and sign nothing that anybody keeps.
TOOLS = {"test", "lint"}


def run(argv: list[str]) -> None:
    """Execute the command line `argv`, like Django's own manage.py would."""
    arguments = argv[1:]
    command = arguments[0] if arguments else "help"
    wants_help = bool({"-h", "--help", "--version"} & set(arguments))
    folder = desk_folder()
    if command == "demo" and not wants_help:
        prepare_demo(folder, arguments)
    if is_desk() or command in TOOLS:
        give_secret_key(folder)
    if is_desk() and command not in WITHOUT_SERVERS and not wants_help:
        for name, url in membership.join(folder).urls.items():
            os.environ.setdefault(name, url)
        prepare_data(command)
    execute(argv)


def execute(argv: list[str]) -> None:
    """Hand over to Django. What the environment lacks is told in a sentence."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def desk_folder() -> Folder:
    """The data folder of this checkout, or the one that DATA_DIR names."""
    return Folder(Path(os.environ.get("DATA_DIR") or CHECKOUT / ".data").resolve())


def is_desk() -> bool:
    """True where no database is configured: the checkout brings its own, and its own secrets."""
    return not {"DATABASE_URL", "DATABASE_URL_FILE"} & set(os.environ)


def give_secret_key(folder: Folder) -> None:
    """Sign with a key of this folder where the environment gives none."""
    if not {"SECRET_KEY", "SECRET_KEY_FILE"} & set(os.environ):
        folder.prepare()
        os.environ["SECRET_KEY"] = folder.secret("secret_key")


def prepare_demo(folder: Folder, arguments: list[str]) -> None:
    """Everything about the demo that has to happen before the settings are read."""
    stopping.end_at_once(membership.leave)
    os.environ |= {"SERVICEMGMT_DEMO": "1", "DEBUG": "0"}
    os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
    folder.prepare()
    give_secret_key(folder)
    if "--reset" in arguments:
        if not is_desk():
            sys.exit(
                "--reset deletes only what the demo made in its own folder, and DATABASE_URL names a server."
            )
        membership.reset(folder)


def prepare_data(command: str) -> None:
    """Migrate and seed for the project's own commands; Django's own find the database as it is."""
    import django
    from django.core.management import get_commands

    django.setup()
    owner = get_commands().get(command, "django")
    if command not in {"demo", "prepare"} and not str(owner).startswith("django"):
        from servicemgmt.embedded import company

        company.prepare(desk_folder())
