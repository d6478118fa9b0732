"""What the database itself refuses in core, each constraint tried by name."""

import uuid
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from servicemgmt.core.audit import record
from servicemgmt.core.constraints import bound_in_words, readable, sentence_of
from servicemgmt.core.errors import Refused, constraint_of, refusing
from servicemgmt.core.models import (
    Attachment,
    ClientWrite,
    Event,
    Invitation,
    NumberCounter,
    NumberSequence,
    RolePolicy,
    Run,
    RunChunk,
    RunMessage,
    User,
)
from tests.cast import user_in

pytestmark = pytest.mark.django_db


def refused(work: Any) -> str:
    """The constraint the database names when the work is tried."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        work()
    return constraint_of(caught.value)


def test_event_append_only():
    event = record("tried", "thing:1", by=None)
    assert refused(lambda: Event.objects.filter(pk=event.pk).update(action="other")) == "event_append_only"
    assert refused(lambda: Event.objects.filter(pk=event.pk).delete()) == "event_append_only"
    assert refused(event.delete) == "event_append_only"
    with connection.cursor() as cursor:
        assert (
            refused(lambda: cursor.execute("UPDATE core_event SET actor_name = 'Nobody'"))
            == "event_append_only"
        )


def test_clientwrite_append_only():
    write = ClientWrite.objects.create(
        key=uuid.uuid4(), user=user_in("Technician"), action="a", subject="x:1", device_at=timezone.now()
    )
    assert refused(lambda: ClientWrite.objects.update(action="b")) == "clientwrite_append_only"
    assert refused(lambda: ClientWrite.objects.all().delete()) == "clientwrite_append_only"
    again = ClientWrite(key=write.key, user=write.user, action="a", subject="x:1", device_at=timezone.now())
    assert refused(lambda: again.save(force_insert=True)) == "core_clientwrite_pkey"


def test_attachment_frozen():
    Attachment.objects.create(
        subject="x:1", kind="k", name="n", content_type="text/plain", size=1, sha256="0" * 64, file="f"
    )
    assert refused(lambda: Attachment.objects.update(name="other")) == "attachment_frozen"
    assert refused(lambda: Attachment.objects.all().delete()) == "attachment_frozen"


def test_attachment_document_once():
    def keep(kind: str) -> Attachment:
        return Attachment.objects.create(
            subject="x:1",
            kind=kind,
            name="n",
            content_type="application/pdf",
            size=1,
            sha256="0" * 64,
            file="f",
        )

    keep("document")
    assert refused(lambda: keep("document")) == "attachment_document_once"
    keep("history"), keep("history")


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("numbersequence_code_is_plain", {"code": "Big-One"}),
        ("numbersequence_digits_sensible", {"digits": 2}),
        ("numbersequence_digits_sensible", {"digits": 13}),
    ],
)
def test_number_sequences(constraint, fields):
    values = {"code": "x", "description": "x", "is_gapless": True} | fields
    assert refused(lambda: NumberSequence.objects.create(**values)) == constraint


def test_numbercounter_once_per_year():
    sequence = NumberSequence.objects.create(code="x", description="x", is_gapless=True)
    NumberCounter.objects.create(sequence=sequence, year=2026)
    again = refused(lambda: NumberCounter.objects.create(sequence=sequence, year=2026))
    assert again == "numbercounter_once_per_year"


def test_runs():
    run = Run.objects.create(kind="k")
    assert refused(lambda: Run.objects.create(kind="k", status="ODD")) == "run_status_known"
    assert refused(lambda: RunChunk.objects.create(run=run, size=1)) == "runchunk_range_or_items"
    both = {"run": run, "size": 1, "lo": 1, "hi": 2, "items": [1]}
    assert refused(lambda: RunChunk.objects.create(**both)) == "runchunk_range_or_items"
    assert refused(lambda: RunChunk.objects.create(run=run, size=1, lo=1)) == "runchunk_range_or_items"
    odd = refused(lambda: RunMessage.objects.create(run=run, level="ODD", text="x"))
    assert odd == "runmessage_level_known"


def test_user_email_once():
    User.objects.create_user("one@example.com", "x", name="One")
    assert refused(lambda: User.objects.create(email="ONE@example.com", name="Two")) == "user_email_once"


@pytest.mark.parametrize("field", ["theme", "board_tray", "board_rows"])
def test_user_choices_known(field):
    odd = refused(lambda: User.objects.create(email="x@example.com", **{field: "pink"}))
    assert odd == f"user_{field}_known"


def test_every_constraint_of_core_has_a_sentence_for_a_name():
    """New constraints join this list together with a test that tries them."""
    names = set()
    for model in (
        Attachment,
        ClientWrite,
        Event,
        Invitation,
        NumberCounter,
        NumberSequence,
        RolePolicy,
        Run,
        RunChunk,
    ):
        names |= {constraint.name for constraint in model._meta.constraints}
    names |= {constraint.name for model in (RunMessage, User) for constraint in model._meta.constraints}
    assert names == {
        "attachment_document_once",
        "numbersequence_code_is_plain",
        "numbersequence_digits_sensible",
        "numbercounter_once_per_year",
        "run_status_known",
        "runchunk_range_or_items",
        "runmessage_level_known",
        "user_email_once",
        "user_theme_known",
        "user_board_tray_known",
        "user_board_rows_known",
        *INVITATION,
    }


INVITATION = {constraint.name for constraint in Invitation._meta.constraints}


def test_refusing_turns_a_named_constraint_into_a_sentence():
    with (
        pytest.raises(Refused, match="Only small letters"),
        transaction.atomic(),
        refusing(numbersequence_code_is_plain="Only small letters."),
    ):
        NumberSequence.objects.create(code="UP", description="x", is_gapless=True)
    with pytest.raises(IntegrityError), transaction.atomic(), refusing(other="Other."):
        NumberSequence.objects.create(code="UP", description="x", is_gapless=True)


def test_a_constraint_without_a_sentence_says_its_name():
    assert sentence_of("one_per_day", {}) == "That is not possible: one per day."
    text = "Constraint “numbersequence_code_is_plain” is violated."
    row = NumberSequence(code="x", digits=13)
    assert readable(text, row, {"numbersequence_code_is_plain": "Plain."}) == ("", "Plain.")
    assert readable("Enter a number.", row, {}) == ("", "Enter a number.")
    assert readable("“numbersequence_digits_sensible”", row, {}) == ("digits", "This must be 12 or less.")


@pytest.mark.parametrize(
    ("lookup", "limit", "said"),
    [
        ("gte", 0, "This must not be negative."),
        ("gt", 0, "This must be more than nothing."),
        ("lt", 100, "This must be less than 100."),
        ("gte", date(2026, 1, 31), "This must not be before 31 Jan 2026."),
    ],
)
def test_a_bound_says_what_a_value_has_to_be(lookup, limit, said):
    assert bound_in_words(lookup, limit) == said


def test_roles_are_groups_after_every_migration():
    assert set(Group.objects.values_list("name", flat=True)) >= {"Dispatcher", "Technician", "Finance"}
