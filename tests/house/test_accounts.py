"""Under which account the embedded servers run, and what is said where they cannot."""

import os
import stat
from pathlib import Path

import pytest

from servicemgmt.embedded import account, binaries

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


def test_an_ordinary_user_runs_the_servers_himself(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1234)
    assert account.choose(binaries.postgres_bin() / "postgres", tmp_path) == account.Account(
        1234, os.getegid()
    )


@as_root
def test_root_hands_the_servers_to_an_account_that_can_reach_them(tmp_path):
    chosen = account.choose(Path("/bin/true"), Path("/usr/data"))
    assert chosen.uid != 0
    chosen.open_way(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o711


@as_root
def test_root_in_a_closed_folder_enters_a_user_namespace_instead(tmp_path):
    tmp_path.chmod(0o700)
    chosen = account.choose(binaries.postgres_bin() / "postgres", tmp_path / "data")
    assert (chosen.uid, chosen.prefix) == (0, account.NAMESPACE)


@as_root
def test_where_neither_works_one_sentence_says_what_to_do(tmp_path, monkeypatch):
    tmp_path.chmod(0o700)
    monkeypatch.setattr(account.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="run this as an ordinary user, or move the checkout"):
        account.choose(binaries.postgres_bin() / "postgres", tmp_path / "data")


def test_a_platform_without_wheels_is_told_which_variable_to_set(monkeypatch):
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(binaries.Missing, match="set DATABASE_URL to a server of your own"):
        binaries.postgres_bin()
