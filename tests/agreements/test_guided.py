"""AG-03: a new agreement step by step, and a copy of another one."""

import pytest
from django.test import Client

from agreements import operations
from agreements.models import ServiceAgreement
from servicemgmt.projects.models import ProjectKind
from tests import make_money
from tests.agreements.ask import events, header, url
from tests.cast import stranger
from tests.make_agreements import (
    make_agreement,
    make_line,
    make_object,
    make_project,
    make_task,
    make_template_group,
)

pytestmark = pytest.mark.django_db


def test_AG_03_header_relations_and_lines_are_made_in_the_last_step_or_not_at_all(pia: Client) -> None:
    template = make_agreement("Model", template_group=make_template_group())
    line = make_line(template, description="Keep")
    lift, task = make_object("Lift 7"), make_task("OIL")
    count = ServiceAgreement.objects.count()
    assert "1. Header" in pia.get(url("guided_lines")).text
    assert pia.post(url("guided_lines"))["Location"] == url("guided")
    assert pia.get(url("guided")).status_code == 200
    assert pia.post(url("guided"), header(description="")).status_code == 422
    time = make_project("Hours only", kind=ProjectKind.TIME)
    assert "time projects" in pia.post(url("guided"), header(project=time.pk)).text
    assert pia.post(url("guided"), header(description="Guided"))["Location"] == url("guided_relations")
    assert "Lift 7" in pia.get(url("guided_relations")).text
    back = pia.post(url("guided_relations"), {"objects": [lift.pk], "tasks": [task.pk], "back": "1"})
    assert back["Location"] == url("guided") and "Guided" in pia.get(url("guided")).text
    form = pia.get(url("guided_relations")).context["form"]
    assert form["objects"].value() == [lift.pk]
    pia.post(url("guided_relations"), {"objects": [lift.pk], "tasks": [task.pk]})
    assert "Keep" in pia.get(url("guided_lines"), {"source": template.pk}).text
    assert ServiceAgreement.objects.count() == count
    operations.stop_line(line.pk, reason="Unused", version=1, by=None)
    refused = pia.post(url("guided_lines") + f"?source={template.pk}", {"line": line.pk})
    assert refused.status_code == 409 and ServiceAgreement.objects.count() == count
    operations.restart_line(line.pk, version=2, by=None)
    pia.post(url("guided_lines") + f"?source={template.pk}", {"line": line.pk})
    made = ServiceAgreement.objects.get(description="Guided")
    assert made.object_relations.get().service_object == lift
    assert (made.task_relations.get().service_task, made.lines.get().description) == (task, "Keep")
    assert events(made) == ["created", "object_related", "task_related", "lines_copied"]
    assert pia.get(url("guided_relations")).context["form"]["description"].value() is None


def test_AG_03_strangers_have_no_steps(client: Client) -> None:
    client.force_login(stranger())
    assert {client.get(url(name)).status_code for name in ("guided", "guided_relations", "guided_lines")} == {
        403
    }


def test_an_agreement_is_made_like_another_one_without_its_stopped_lines(pia: Client) -> None:
    source = make_agreement("Source")
    lift = operations.relate_object(source.pk, make_object(), by=None)
    make_line(source, description="Keep", object_relation=lift)
    operations.stop_line(make_line(source).pk, reason="Unused", version=1, by=None)
    form = pia.get(url("agreement_new"), {"copy": source.number}).context["form"]
    assert (form["description"].value(), form["project"].value()) == ("Source", source.project_id)
    answer = pia.post(url("agreement_new") + f"?copy={source.number}", header(source, description="Like it"))
    made = ServiceAgreement.objects.get(description="Like it")
    assert answer["Location"] == url("agreement", made.number)
    assert made.lines.get().object_relation.service_object == lift.service_object


def test_AG_14_a_copy_for_somebody_else_says_what_it_leaves_behind(pia: Client) -> None:
    source = make_agreement("Source")
    lift = operations.relate_object(source.pk, make_object(), by=None)
    make_line(source, object_relation=lift)
    make_line(source)
    theirs = make_agreement("Other", project=make_project("Other", customer=make_money.customer("Meier")))
    given = header(theirs, description="For another")
    page = pia.post(url("agreement_new") + f"?copy={source.number}", given, follow=True)
    assert "1 line came without its object" in page.text
    made = ServiceAgreement.objects.get(description="For another")
    assert list(made.lines.values_list("object_relation", flat=True)) == [None, None]
