"""Pages of customers, contacts, sites and employees: works, wrong method, stranger, wrong, stale, traced."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from servicemgmt.core.models import Event, NumberSequence
from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, PLANNER, TECHNICIAN
from servicemgmt.masterdata import operations
from servicemgmt.masterdata.models import (
    Company,
    Currency,
    Customer,
    CustomerTaxGroup,
    PaymentTerm,
    Skill,
    Team,
)
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db
NO_RATES = {"exchangerate-TOTAL_FORMS": "0", "exchangerate-INITIAL_FORMS": "0"}


@pytest.fixture
def company() -> Company:
    for code in ("customer", "site", "employee"):
        NumberSequence.objects.get_or_create(
            code=code, defaults={"description": code, "prefix": code[:2].upper()}
        )
    euro = Currency.objects.create(code="EUR", description="Euro")
    CustomerTaxGroup.objects.create(code="DOMESTIC", description="Domestic")
    PaymentTerm.objects.create(code="N14", description="14 days", days=14)
    return Company.objects.create(name="Nordlicht", currency=euro, time_zone="Europe/Berlin")


def customer_values(**changes) -> dict[str, object]:
    return {
        "name": "Hotel Adlerhof",
        "country": "DE",
        "language": "en",
        "currency": Currency.objects.get().pk,
        "tax_group": CustomerTaxGroup.objects.get().pk,
        "payment_term": PaymentTerm.objects.get().pk,
        "one_invoice_per": "PROJECT",
        **changes,
    }


@pytest.fixture
def customer(company) -> Customer:
    return operations.create_customer(
        by=None,
        name="Brauerei Lindenhof",
        currency=company.currency,
        tax_group=CustomerTaxGroup.objects.get(),
        payment_term=PaymentTerm.objects.get(),
    )


def test_a_dispatcher_enters_a_customer_and_leaves_an_event(client, company):
    client.force_login(user_in(DISPATCHER))
    response = client.post(reverse("masterdata:customer_new"), customer_values())
    customer = Customer.objects.get(name="Hotel Adlerhof")
    assert response.status_code == 302
    assert response.url == reverse("masterdata:customer", args=[customer.number])
    assert Event.objects.filter(
        subject=f"customer:{customer.pk}", action="created", actor_name="Ann"
    ).exists()


def test_a_customer_is_written_to_in_a_language_that_is_spoken_or_was_kept(client, customer):
    client.force_login(user_in(DISPATCHER))
    path = reverse("masterdata:customer_edit", args=[customer.number])
    wrong = client.post(path, customer_values(language="xx", version=1))
    assert wrong.status_code == 422 and set(wrong.context["form"].errors) == {"language"}
    Customer.objects.update(language="fr")
    assert client.post(path, customer_values(language="fr", version=1)).status_code == 302


def test_a_customer_without_a_name_is_refused_at_the_field(client, company):
    client.force_login(user_in(DISPATCHER))
    response = client.post(reverse("masterdata:customer_new"), customer_values(name=""))
    assert response.status_code == 422
    assert "name" in response.context["form"].errors
    assert not Customer.objects.exists()


def test_a_customer_changed_meanwhile_is_not_overwritten(client, customer):
    client.force_login(user_in(DISPATCHER))
    operations.save_customer(customer.pk, version=1, by=None, city="Berlin")
    url = reverse("masterdata:customer_edit", args=[customer.number])
    response = client.post(url, customer_values(name="Mine", version=1))
    assert response.status_code == 409
    assert "someone else" in response.content.decode()
    customer.refresh_from_db()
    assert customer.name == "Brauerei Lindenhof"


@pytest.mark.parametrize(
    "name", ["customers", "sites", "employees", "customer_new", "site_new", "employee_new"]
)
def test_strangers_and_technicians_do_not_enter(client, company, name):
    for user in (stranger(), user_in(TECHNICIAN)):
        client.force_login(user)
        assert client.get(reverse(f"masterdata:{name}")).status_code == 403


@pytest.mark.parametrize("name", ["customers", "sites", "employees"])
def test_lists_open_sort_search_and_export(client, customer, name):
    client.force_login(user_in(ADMINISTRATOR))
    url = reverse(f"masterdata:{name}")
    for query in ("", "?sort=-name", "?q=linden", "?format=csv", "?format=xlsx", "?q=%F0%9F%9A%80"):
        response = client.get(url + query)
        assert response.status_code == 200, query
        assert b"".join(response)
    assert client.post(url).status_code == 405


def test_SO_09_a_site_name_is_refused_where_the_customer_has_it(client, customer):
    client.force_login(user_in(PLANNER))
    values = {"customer": customer.pk, "name": "HQ", "country": "DE", "time_zone": "Europe/Berlin"}
    assert client.post(reverse("masterdata:site_new"), values).status_code == 302
    response = client.post(reverse("masterdata:site_new"), values)
    assert response.status_code in {409, 422}
    assert "already" in response.content.decode()
    assert customer.sites.count() == 1


def test_a_site_is_found_by_its_address(client, customer):
    operations.create_site(
        by=None,
        customer=customer,
        name="HQ",
        street="Allee 9",
        postal_code="10435",
        time_zone="Europe/Berlin",
    )
    client.force_login(user_in(PLANNER))
    found = client.get(reverse("core:search"), {"model": "masterdata.site", "q": "allee 10435"}).json()
    assert [row["text"] for row in found["results"]] == ["HQ, Allee 9, 10435"]


def test_a_site_needs_a_real_time_zone(client, customer):
    client.force_login(user_in(PLANNER))
    values = {"customer": customer.pk, "name": "HQ", "country": "DE", "time_zone": "Berlin/Mars"}
    assert client.post(reverse("masterdata:site_new"), values).status_code == 422


def test_contacts_hang_on_their_customer(client, customer):
    client.force_login(user_in(DISPATCHER))
    url = reverse("masterdata:contact_new", args=[customer.number])
    assert client.post(url, {"name": "Nora Lang"}).status_code == 302
    page = client.get(reverse("masterdata:customer", args=[customer.number])).content.decode()
    assert "Nora Lang" in page


def test_67_the_owner_of_a_team_is_never_a_contractor(client, company):
    worker = operations.create_employee(by=None, name="Bo", time_zone="Europe/Berlin")
    Team.objects.create(code="A", description="A", owner=worker)
    client.force_login(user_in(PLANNER))
    url = reverse("masterdata:employee_edit", args=[worker.number])
    values = {"name": "Bo", "kind": "CONTRACTOR", "time_zone": "Europe/Berlin", "version": 1}
    assert client.post(url, values).status_code == 409
    worker.refresh_from_db()
    assert worker.kind == "EMPLOYEE"


def test_a_skill_given_again_has_the_new_date_and_each_worker_is_told_of(company):
    team = [
        operations.create_employee(by=None, name=name, time_zone="Europe/Berlin") for name in ("Bo", "Meg")
    ]
    skills = [Skill.objects.create(code=code, description=code) for code in ("ELEC", "GAS")]
    operations.give_skills(team, skills, by=None)
    operations.give_skills(team, skills, by=None, expires_on=date(2027, 1, 1))
    dates = [row.expires_on for worker in team for row in worker.skills.all()]
    assert dates == [date(2027, 1, 1)] * 4
    assert Event.objects.filter(action="skill_given", subject=f"employee:{team[1].pk}").count() == 2


def test_skills_and_absences_of_a_worker(client, company):
    worker = operations.create_employee(by=None, name="Bo", time_zone="Europe/Berlin")
    skill = Skill.objects.create(code="ELEC", description="Electrician")
    client.force_login(user_in(PLANNER))
    page = reverse("masterdata:employee", args=[worker.number])
    client.post(reverse("masterdata:skill_add", args=[worker.number]), {"skill-skill": skill.pk})
    assert worker.skills.get().skill == skill
    soon = timezone.localtime() + timedelta(days=2)
    span = {
        "absence-start": soon.strftime("%Y-%m-%dT%H:%M"),
        "absence-end": (soon + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    }
    url = reverse("masterdata:absence_add", args=[worker.number])
    assert client.post(url, span).status_code == 302
    assert client.post(url, span).status_code == 409  # overlaps the first
    backwards = {"absence-start": span["absence-end"], "absence-end": span["absence-start"]}
    assert client.post(url, backwards).status_code == 422
    assert client.get(page).status_code == 200
    absence = worker.absences.get()
    client.post(reverse("masterdata:absence_remove", args=[worker.number, absence.pk]))
    client.post(reverse("masterdata:skill_remove", args=[worker.number, worker.skills.get().pk]))
    assert not worker.absences.exists() and not worker.skills.exists()
    assert Event.objects.filter(subject=f"employee:{worker.pk}").count() == 5


def test_a_currency_keeps_its_code_and_decimals(client, company):
    client.force_login(user_in(ADMINISTRATOR))
    wrong = client.post(
        "/setup/currency/new/", {"code": "US$", "description": "Dollar", "digits": "2"} | NO_RATES
    )
    assert wrong.status_code == 422 and "three capital letters" in wrong.content.decode()
    euro = company.currency
    typed = {"code": "XXX", "description": "Single currency", "digits": "0", "version": "1"} | NO_RATES
    assert client.post(f"/setup/currency/{euro.pk}/", typed).status_code == 302
    euro.refresh_from_db()
    assert (euro.code, euro.description, euro.digits) == ("EUR", "Single currency", 2)
    for changed in ({"digits": 3}, {"code": "USD"}):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            Currency.objects.filter(pk=euro.pk).update(**changed)


@pytest.mark.parametrize(
    ("number", "is_right"),
    [
        ("DE111111117", True),
        ("DE 111 111 117", True),
        ("DE111111118", False),
        ("ATU1", False),
        ("CHE-1", True),
        ("", True),
    ],
)
def test_a_vat_number_of_the_EU_has_its_check_digits(client, company, number, is_right):
    client.force_login(user_in(ADMINISTRATOR))
    answer = client.post(reverse("masterdata:customer_new"), customer_values(tax_number=number))
    assert answer.status_code == (302 if is_right else 422)
    assert Customer.objects.exists() is is_right
    assert is_right or "is no VAT number" in answer.text


def test_the_companys_account_has_its_check_digits(company):
    for field, wrong in (("iban", "DE75512108001245126198"), ("bic", "MONEY"), ("tax_number", "DE1")):
        setattr(company, field, wrong)
    with pytest.raises(ValidationError) as refusal:
        company.full_clean()
    assert refusal.value.error_dict.keys() == {"iban", "bic", "tax_number"}
