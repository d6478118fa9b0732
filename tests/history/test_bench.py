"""The benchmark of imported history: it measures what it says and leaves nothing behind."""

import pytest

from bench import history
from orders.models import HistoryImport, ServiceOrder
from servicemgmt.core.models import Attachment
from servicemgmt.core.roles import MANAGER
from tests.cast import user_in
from tests.history.conftest import HEADER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    user_in(MANAGER)
    monkeypatch.setattr(history, "ROUNDS", 3)
    monkeypatch.setattr(history, "REQUESTS", 1)
    monkeypatch.setattr(history, "ASSETS", {"A": 2, "D": 60})
    monkeypatch.setattr("bench._pages.call_command", lambda *args, **options: None)


def test_every_page_is_measured_and_nothing_is_left(mapping, tmp_path):
    assert len(history.measure()) == 8
    assert not ServiceOrder.objects.exists() and not HistoryImport.objects.exists()
    assert not Attachment.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_may_be_named(mapping, tmp_path, monkeypatch):
    file = tmp_path / "history.csv"
    file.write_text(HEADER + "2004-07-01,A,x,PM01,1\n2004-07-02,B,y,PM01,2\n")
    seen = []
    monkeypatch.setattr(history, "compare", lambda client: seen.append(ServiceOrder.objects.count()) or [])
    history.measure(str(file))
    assert seen == [2]


def test_what_is_made_up_is_the_same_each_time_and_as_large_as_the_real_one(monkeypatch):
    monkeypatch.undo()
    assert history.made_up() == history.made_up()
    assert len(history.made_up().splitlines()) == 1 + 5484
