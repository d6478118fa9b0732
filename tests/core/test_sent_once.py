"""A form that is sent twice from one page does its work once."""

from threading import Thread
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from servicemgmt.core.roles import ADMINISTRATOR
from servicemgmt.masterdata.models import Skill
from tests.cast import user_in

FORM = {"csrfmiddlewaretoken": "as this page has it", "code": "WELD", "description": "Welding"}


@pytest.fixture(autouse=True)
def nothing_was_sent():
    cache.clear()


def send(user, **changes):
    client = Client()
    client.force_login(user)
    body = urlencode(FORM | changes)
    return client.post("/setup/skill/new/", body, "application/x-www-form-urlencoded", follow=True)


@pytest.mark.django_db
def test_a_second_sending_leads_to_what_came_of_the_first():
    ada = user_in(ADMINISTRATOR)
    first = send(ada)
    again = send(ada)
    assert Skill.objects.count() == 1
    assert again.status_code == 200 and again.redirect_chain == first.redirect_chain
    assert "nothing was done a second time" in again.text


@pytest.mark.django_db
def test_what_was_changed_or_comes_from_another_page_is_new():
    ada = user_in(ADMINISTRATOR)
    send(ada)
    send(ada, code="TIG")
    assert Skill.objects.count() == 2
    refused = send(ada, csrfmiddlewaretoken="as another page has it")
    assert refused.status_code == 422 and "nothing was done" not in refused.text


@pytest.mark.django_db
def test_a_page_gone_back_to_is_the_same_though_it_came_anew():
    ada = user_in(ADMINISTRATOR)
    send(ada, page_visit="1-2")
    again = send(ada, page_visit="1-2", csrfmiddlewaretoken="as the page has it now")
    assert Skill.objects.count() == 1 and "nothing was done a second time" in again.text
    assert send(ada, page_visit="3-4").status_code == 422, "another visit means another skill"


@pytest.mark.django_db
def test_a_refused_form_may_be_sent_again():
    ada = user_in(ADMINISTRATOR)
    Skill.objects.create(code="WELD", description="Old")
    assert send(ada).status_code == 422
    Skill.objects.all().delete()
    assert send(ada).status_code == 200 and Skill.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sendings_at_once_make_one():
    ada = user_in(ADMINISTRATOR)
    answers = []

    def work():
        answers.append(send(ada))
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Skill.objects.count() == 1
    assert [answer.status_code for answer in answers] == [200] * 4
