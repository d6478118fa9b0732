"""Run a management command, on the embedded servers where it needs servers and the environment names none."""

import os
import sys

from servicemgmt.embedded.folder import DEFAULT, Folder
from servicemgmt.embedded.membership import join

# `test` starts servers of its own; the others never speak to one.
WITHOUT_SERVERS = {
    *("help", "version", "check", "diffsettings", "findstatic", "collectstatic", "sendtestemail"),
    *("makemessages", "compilemessages", "startapp", "startproject", "doctor", "lint", "test"),
}
# Django's own that must find the database as it is.
UNPREPARED = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "optimizemigration"}


def run(argv: list[str]) -> None:
    """Execute the command line `argv`, like Django's own manage.py would."""
    is_desk = not any(name in os.environ for name in ("DATABASE_URL", "DATABASE_URL_FILE"))
    if is_desk:
        prepare_desk(argv[1:])
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)


def prepare_desk(arguments: list[str]) -> None:
    """Give settings.py what a production machine's environment would have told it."""
    folder = desk_folder()
    folder.prepare()
    if not any(name in os.environ for name in ("SECRET_KEY", "SECRET_KEY_FILE")):
        os.environ["SECRET_KEY"] = folder.secret("secret_key")
    if needs_servers(arguments):
        for name, url in join(folder).urls.items():
            os.environ.setdefault(name, url)


def desk_folder() -> Folder:
    return Folder(DEFAULT)


def needs_servers(arguments: list[str]) -> bool:
    """True for a command that opens a connection. Asking for help or the version never does."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[0] not in WITHOUT_SERVERS
