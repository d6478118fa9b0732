"""Documents kept for ever: the first stays, its file is checked, and a worker makes what can be made."""

import threading
from pathlib import Path

import pytest
from django.db import connection

from servicemgmt.core import documents
from servicemgmt.core.documents import content_of, keep_document, keep_later, kept_document, make_documents
from servicemgmt.core.errors import Refused
from servicemgmt.core.models import Attachment, Event, NumberSequence


def row() -> NumberSequence:
    return NumberSequence.objects.create(code="x", description="x", is_gapless=True)


@pytest.mark.django_db
def test_the_first_document_of_a_name_stays_byte_for_byte():
    thing = row()
    assert kept_document(thing, "a.pdf") is None
    first = keep_document(thing, name="a.pdf", content=b"%PDF-1")
    assert keep_document(thing, name="a.pdf", content=b"%PDF-2") == first == kept_document(thing, "a.pdf")
    assert content_of(first) == b"%PDF-1"
    assert keep_document(thing, name="b.pdf", content=b"%PDF-2") != first
    assert Event.objects.filter(action="document_kept", subject=f"numbersequence:{thing.pk}").count() == 2


@pytest.mark.django_db
def test_a_file_that_is_damaged_or_gone_is_not_shown():
    kept = keep_document(row(), name="a.pdf", content=b"%PDF-1")
    Path(kept.file.path).write_bytes(b"%PDF-other")
    with pytest.raises(Refused, match="missing or damaged"):
        content_of(kept)
    Path(kept.file.path).unlink()
    with pytest.raises(Refused, match="restore it from a backup"):
        content_of(kept)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_keep_one(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    thing, kept, ready = row(), [], threading.Barrier(2)

    def keep(content: bytes) -> None:
        ready.wait()
        kept.append(content_of(keep_document(thing, name="a.pdf", content=content)))
        connection.close()

    threads = [threading.Thread(target=keep, args=[b"%%PDF-%d" % n]) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    only = Attachment.objects.get()
    assert kept == [content_of(only)] * 2
    assert Event.objects.filter(action="document_kept").count() == 1
    loser = next(c for c in (b"%PDF-0", b"%PDF-1") if c != kept[0])
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert loser not in [path.read_bytes() for path in files], "what lost the race leaves no file"


@pytest.mark.django_db
def test_one_that_cannot_be_made_does_not_stop_the_rest(monkeypatch, caplog):
    made = []

    def make(key: int) -> None:
        if key == 1:
            raise Refused("No library.")
        if key == 2:
            raise ZeroDivisionError("a bug")
        made.append(key)

    monkeypatch.setitem(documents.MAKERS, "test", make)
    make_documents("test", [1, 2, 3])
    assert made == [3] and "No library." in caplog.text and "a bug" in caplog.text


@pytest.mark.django_db
def test_workers_are_asked_after_the_commit_in_batches(monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr("servicemgmt.core.tasks.keep_documents.delay", lambda *args: asked.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        keep_later("test", range(60))
        assert asked == []
    assert asked == [("test", list(range(50))), ("test", list(range(50, 60)))]


@pytest.mark.django_db
def test_invented_data_asks_no_worker_for_its_documents(monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr("servicemgmt.core.tasks.keep_documents.delay", lambda *args: asked.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        with documents.only_when_asked():
            keep_later("test", [1])
        keep_later("test", [2])
    assert asked == [("test", [2])]
