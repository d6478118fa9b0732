"""The README says what is true."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
#: Set by the demo for itself.
INTERNAL = {"SERVICEMGMT_DEMO"}


def test_the_table_of_the_configuration_names_every_variable_that_the_settings_read():
    settings = (ROOT / "servicemgmt/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'\benv(?:_bool|_int|_list)?\(\s*"([A-Z_]+)"', settings))
    table = set(re.findall(r"`([A-Z_]+)`", "".join(re.findall(r"^\| `[^|]+\|", README, re.MULTILINE))))
    assert read - INTERNAL == table


def test_every_folder_and_command_that_is_named_is_there():
    for folder in re.findall(r"^\| `([a-z/]+)`", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder
    for command in re.findall(r"manage\.py (\w+)", README):
        own = ROOT.glob(f"*/management/commands/{command}.py")
        assert command == "createsuperuser" or any(own), command
