"""AG-11, AG-12: objects and tasks related to agreements."""

import pytest

from agreements import operations
from agreements.models import AgreementObject, AgreementTask
from servicemgmt.core.errors import Refused, Stale
from tests.make_agreements import make_agreement, make_line, make_object, make_task

pytestmark = pytest.mark.django_db


def test_AG_12_the_same_object_again_only_under_another_reference() -> None:
    agreement, lift = make_agreement(), make_object()
    operations.relate_object(agreement.pk, lift, by=None)
    with pytest.raises(Refused, match="related already"):
        operations.relate_object(agreement.pk, lift, by=None)
    operations.relate_object(agreement.pk, lift, reference="north", by=None)
    assert agreement.object_relations.count() == 2


def test_AG_11_a_task_brings_its_notes_and_they_can_be_changed() -> None:
    agreement = make_agreement()
    oil = make_task("OIL", note_internal="Bring oil", note_external="Oil changed")
    relation = operations.relate_task(agreement.pk, oil, by=None)
    assert (relation.note_internal, relation.note_external) == ("Bring oil", "Oil changed")
    with pytest.raises(Refused, match="related already"):
        operations.relate_task(agreement.pk, oil, by=None)
    changed = operations.change_task_notes(
        relation.pk, note_internal="Two litres", note_external="", version=1, by=None
    )
    assert (changed.note_internal, changed.version) == ("Two litres", 2)
    with pytest.raises(Stale):
        operations.change_task_notes(relation.pk, note_internal="", note_external="", version=1, by=None)


def test_relations_that_lines_use_stay() -> None:
    agreement = make_agreement()
    lift = operations.relate_object(agreement.pk, make_object(), by=None)
    task = operations.relate_task(agreement.pk, make_task(), by=None)
    line = make_line(agreement, object_relation=lift, task_relation=task)
    for verb, relation in ((operations.unrelate_object, lift), (operations.unrelate_task, task)):
        with pytest.raises(Refused, match="used by line 1"):
            verb(relation.pk, by=None)
    operations.change_line(line.pk, version=1, by=None, object_relation=None, task_relation=None)
    operations.unrelate_object(lift.pk, by=None)
    operations.unrelate_task(task.pk, by=None)
    assert not AgreementObject.objects.exists() and not AgreementTask.objects.exists()
