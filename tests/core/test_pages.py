"""The audit trail, the search of selects, forms, what values look like, and whether the process is well."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.template import engines
from django.test import override_settings
from django.utils import timezone

from servicemgmt.core import audit, display, runs, search, tasks
from servicemgmt.core.audit import may_read_history, record, register_subject
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.forms import ModelForm, SearchSelect, dress, submit
from servicemgmt.core.models import Event, NumberSequence
from servicemgmt.core.views import health
from servicemgmt.core.web import ticked, version_of, whole
from servicemgmt.masterdata.models import Currency, ExchangeRate, PaymentTerm
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def known() -> Any:
    """Subjects and searchables registered here are forgotten afterwards."""
    registries = [audit.SUBJECTS, search.SEARCHABLE]
    kept = [dict(registry) for registry in registries]
    yield
    for registry, before in zip(registries, kept, strict=True):
        registry.clear()
        registry.update(before)


# --- audit trail ------------------------------------------------------------------------------------------


def test_the_trail_filters_by_who_what_which_and_when(sign_in):
    ada = user_in("Administrator")
    record("stage_changed", "serviceorder:7", by=ada, changes={"stage": ["New", "Done"]}, label="SO-7")
    record("created", "customer:3", by=None, label="Miller")
    browser = sign_in(ada)
    everything = browser.get("/audit/").content.decode()
    assert "Stage changed" in everything and "Stage: New → Done" in everything and "System" in everything
    for query, there, gone in [
        (f"actor={ada.pk}", "SO-7", "Miller"),
        ("action=stage+changed", "SO-7", "Miller"),
        ("action=created", "Miller", "SO-7"),
        ("q=mill", "Miller", "SO-7"),
        ("at_before=2020-01-01", "Nothing matches", "SO-7"),
    ]:
        page = browser.get(
            f"/audit/?{query}", headers={"HX-Request": "true", "HX-Target": "div#rows"}
        ).content.decode()
        assert there in page and gone not in page, query
    assert browser.post("/audit/").status_code == 405


def test_the_trail_is_only_for_those_who_may(sign_in):
    assert sign_in(stranger()).get("/audit/").status_code == 403
    assert sign_in(user_in("Dispatcher")).get("/audit/").status_code == 403
    assert sign_in(user_in("Finance")).get("/audit/").status_code == 200


def test_the_history_of_a_thing_is_for_those_who_see_the_thing(sign_in, known):
    term = PaymentTerm.objects.create(code="N", description="Net")
    subject = f"paymentterm:{term.pk}"
    record(
        "changed", term, by=None, changes={"days": [1, 2], "is_odd": [False, True], "parts": [[], ["a", "b"]]}
    )
    register_subject("paymentterm", permission="masterdata.view_paymentterm")
    assert sign_in(stranger()).get(f"/audit/of/{subject}/").status_code == 403
    browser = sign_in(user_in("Dispatcher"))
    page = browser.get(f"/audit/of/{subject}/").content.decode()
    assert "Days" in page and "<ins>2</ins>" in page and "a, b" in page and "<ins>yes</ins>" in page
    region = browser.get(
        f"/audit/of/{subject}/", headers={"HX-Request": "true", "HX-Target": "section#history"}
    )
    assert "<html" not in region.content.decode() and 'id="history"' in region.content.decode()
    assert browser.get("/audit/of/paymentterm:999999/").status_code == 403, (
        "it does not see what is not there"
    )
    assert browser.get("/audit/of/unheard:1/").status_code == 403
    assert not may_read_history(user_in("Dispatcher"), "paymentterm:abc")


def test_following_a_subject_leads_to_its_page_or_history(sign_in, known):
    term = PaymentTerm.objects.create(code="N", description="Net")
    register_subject(
        "paymentterm", permission="masterdata.view_paymentterm", view="core:event_subject", key="code"
    )
    browser = sign_in(user_in("Finance"))
    assert browser.get(f"/audit/open/paymentterm:{term.pk}/")["Location"] == "/audit/of/N/"
    assert browser.get("/audit/open/paymentterm:99999/")["Location"] == "/audit/of/paymentterm:99999/"
    assert browser.get("/audit/open/unheard:1/").status_code == 404
    NumberSequence.objects.create(code="order", description="Orders")
    assert (
        browser.get("/audit/open/numbersequence:order/")["Location"] == "/audit/of/numbersequence:order/"
    ), "who reads the trail need not have that setup"
    known_user = user_in("Planner")
    assert browser.get(f"/audit/open/user:{known_user.pk}/")["Location"] == f"/audit/of/user:{known_user.pk}/"
    ada = sign_in(user_in("Administrator"))
    assert ada.get(f"/audit/open/user:{known_user.pk}/")["Location"] == f"/users/{known_user.pk}/"


def test_an_event_keeps_the_actors_name_and_the_request(sign_in):
    ada = user_in("Administrator")
    event = record("x", ada, by=ada, changes={"a": [None, 1]})
    assert (event.actor_name, event.subject, event.subject_label) == ("Ada", f"user:{ada.pk}", "Ada")
    sign_in(ada).post("/setup/numbersequence/new/", {"code": "t", "description": "T", "digits": "5"})
    assert len(Event.objects.latest("pk").request_id) == 16


# --- search -----------------------------------------------------------------------------------------------


@pytest.fixture
def terms(known) -> list[PaymentTerm]:
    search.register(
        PaymentTerm, permission="masterdata.view_paymentterm", sub=lambda row: row.code, filters=["days"]
    )
    made = [PaymentTerm(code=f"N{n}", description=f"Net {n} days", days=n) for n in range(30)]
    made.append(PaymentTerm(code="OLD", description="Net old", ended_on=date(2020, 1, 1)))
    return PaymentTerm.objects.bulk_create(made)


def test_a_select_finds_by_every_word(terms, sign_in):
    browser = sign_in(user_in("Finance"))

    def ask(query: str) -> list[str]:
        answer = browser.get(f"/search/?model=masterdata.paymentterm&{query}")
        assert answer.status_code == 200
        return [found["text"] for found in answer.json()["results"]]

    assert ask("q=net+17") == ["Net 17 days"] and ask("q=N17") == ["Net 17 days"]
    assert len(ask("q=net")) == 20 and ask("q=old") == [], "ended rows are not offered"
    assert ask("q=net&days=5") == ["Net 5 days"] and ask("q=net&days=x") == []
    assert len(ask("q=net&code=N5")) == 20, "what is not offered does not narrow"
    assert ask("q=%25") == []
    assert browser.get("/search/?model=masterdata.paymentterm&q=N17").json()["results"][0]["sub"] == "N17"


def test_a_select_asks_only_for_those_who_may(terms, sign_in):
    assert sign_in(stranger()).get("/search/?model=masterdata.paymentterm&q=n").status_code == 403
    assert sign_in(user_in("Finance")).get("/search/?model=core.user&q=a").status_code == 404
    assert sign_in(user_in("Finance")).get("/search/").status_code == 404
    assert sign_in(user_in("Finance")).post("/search/?model=masterdata.paymentterm").status_code == 405


class TermForm(forms.Form):
    term = forms.ModelChoiceField(PaymentTerm.objects.all(), required=True)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        dress(self)


def test_a_registered_model_is_picked_by_searching(terms, django_assert_num_queries):
    form = TermForm({"term": str(terms[3].pk)})
    assert isinstance(form.fields["term"].widget, SearchSelect) and form.is_valid()
    with django_assert_num_queries(1):
        html = str(form["term"])
    assert "Net 3 days" in html and "Net 4 days" not in html
    assert 'data-behaviour="combobox"' in html and "/search/?model=masterdata.paymentterm" in html
    assert form.cleaned_data["term"] == terms[3]


def test_without_javascript_a_number_is_typed(terms):
    form = TermForm({"term": "", "term-typed": "N17"})
    assert form.is_valid() and form.cleaned_data["term"].code == "N17"
    form = TermForm({"term": "", "term-typed": "Net 1"})
    assert not form.is_valid()
    html = str(form["term"])
    assert "Net 10 days" in html and 'value="Net 1"' in html, "what fits is offered"
    assert not TermForm({"term": "garbage"}).is_valid() and not TermForm({"term-typed": "zzz"}).is_valid()
    str(TermForm({"term": "garbage"})["term"])
    assert TermForm({"term-typed": "N\x0017"}).is_valid(), "a character no text can hold is left out"


def test_a_select_never_names_a_row_it_does_not_offer(terms):
    form = TermForm({"term": str(terms[3].pk)})
    form.fields["term"].queryset = PaymentTerm.objects.exclude(pk=terms[3].pk)
    assert not form.is_valid() and "Net 3 days" not in str(form["term"])


# --- forms ------------------------------------------------------------------------------------------------


class RateForm(ModelForm):
    class Meta:
        model = ExchangeRate
        fields = ["currency", "valid_from", "rate"]


def test_a_model_form_carries_the_version_and_the_right_inputs():
    euro = Currency.objects.create(code="EUR", description="Euro")
    Currency.objects.create(code="DEM", description="Mark", ended_on=date(2002, 1, 1))
    rate = ExchangeRate.objects.create(
        currency=euro, valid_from=date(2026, 1, 2), rate=Decimal("1.500000000"), version=4
    )
    html = str(RateForm(instance=rate))
    assert 'type="hidden" name="version" value="4"' in html
    assert 'type="date" name="valid_from" value="2026-01-02"' in html
    assert 'value="1.5"' in html and 'inputmode="decimal"' in html and "DEM" not in html
    form = RateForm(
        {"currency": euro.pk, "valid_from": "2026-01-02", "rate": "2", "version": "4"}, instance=rate
    )
    assert form.is_valid() and form.version == 4
    assert form.values == {"currency": euro, "valid_from": date(2026, 1, 2), "rate": Decimal(2)}


def test_a_violated_constraint_is_a_sentence_in_the_form():
    euro = Currency.objects.create(code="EUR", description="Euro")
    form = RateForm({"currency": euro.pk, "valid_from": "2026-01-02", "rate": "-1"})
    assert form.errors["rate"] == ["This must be more than nothing."]


def test_a_refusal_becomes_the_forms_error():
    def raising(error: Exception) -> Any:
        def work() -> None:
            raise error

        form = RateForm({"valid_from": "2026-01-01", "rate": "1"})
        form.is_valid()
        submit(form, work)
        return form

    assert raising(Invalid("Too high.", field="rate")).errors["rate"] == ["Too high."]
    assert raising(Invalid("Odd.", field="elsewhere")).non_field_errors() == ["Odd."]
    assert raising(Refused("No.")).non_field_errors() == ["No."]
    assert raising(ValidationError({"rate": ["Bad."]})).errors["rate"] == ["Bad."]
    assert raising(ValidationError("Whole.")).non_field_errors() == ["Whole."]
    fine = RateForm({})
    fine.is_valid()
    assert submit(fine, lambda: 5) == 5 and fine.refusal is None


# --- what values look like --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('{{ x|money:"EUR" }}', f"−1,234,567.68{NBSP}EUR"),
        ('{{ x|money:"JPY" }}', f"−1,234,568{NBSP}JPY"),
        ('{{ x|money:"KWD" }}', f"−1,234,567.675{NBSP}KWD"),
        ("{{ x|money }}", "−1,234,567.68"),
        ('{{ x|amount:"EUR" }}', "−1,234,567.68"),
        ("{{ none|money }}", ""),
        ("{{ currency_amount|money:currency }}", f"5.000{NBSP}XYZ"),
        ("{{ q|quantity }}", "12,000.25"),
        ("{{ hundred|quantity }}", "100"),
        ("{{ 90|duration }}", "1 h 30"),
        ("{{ 65|duration }}", "1 h 05"),
        ("{{ 45|duration }}", "45 min"),
        ("{{ 480|duration }}", "8 h"),
        ("{{ negative|duration }}", "−1 h 30"),
        ('{{ at|zoned:"Asia/Kolkata" }}', "1 Jun 2026, 17:30"),
        ('{{ at|clock:"Europe/Berlin" }}', "14:00"),
        ('{{ at|zoned:"No/Where" }}', "1 Jun 2026, 12:00"),
        ("{{ none|zoned }}", ""),
        ('{{ "WORKING"|stage_tone }}', "orange"),
        ('{{ "?"|stage_tone }}', "gray"),
    ],
)
def test_every_template_can_show_values(source, shown):
    context = {
        "x": Decimal("-1234567.675"),
        "none": None,
        "q": Decimal("12000.250000"),
        "hundred": Decimal("100.000000"),
        "negative": -90,
        "currency": Currency(code="XYZ", digits=3),
        "currency_amount": Decimal(5),
        "at": datetime(2026, 6, 1, 12, tzinfo=UTC),
    }
    with timezone.override("UTC"):
        assert engines["django"].from_string(source).render(context) == shown


def test_a_date_is_a_date_and_a_moment_stands_in_the_readers_zone():
    with timezone.override("Europe/Berlin"):
        assert display.moment(date(2026, 6, 1)) == "1 Jun 2026"
        assert display.moment(datetime(2026, 6, 1, 23, tzinfo=UTC)) == "2 Jun 2026, 01:00"


# --- health -----------------------------------------------------------------------------------------------


def test_healthz_needs_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}
    assert client.post("/healthz").status_code == 405


def test_readyz_tells_of_database_redis_migrations_and_beat(client):
    cache.delete("beat")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "redis": "ok", "migrations": "ok"},
        "beat": {"status": "silent", "seconds": None},
    }
    tasks.heartbeat()
    assert client.get("/readyz").json()["beat"]["status"] == "ok"
    cache.set("beat", (timezone.now() - timedelta(seconds=200)).isoformat())
    assert client.get("/readyz").json()["beat"]["status"] == "late"
    assert runs.beat.__doc__


@pytest.mark.parametrize("check", ["database", "redis", "migrations"])
def test_readyz_is_503_where_a_check_fails_and_says_no_more(client, monkeypatch, check):
    def broken() -> bool:
        raise OSError("secret address")

    monkeypatch.setitem(health.CHECKS, check, broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["checks"][check] == "failed"
    assert "secret" not in answer.content.decode()


@override_settings(SECURE_SSL_REDIRECT=True)
def test_health_is_answered_without_https(client):
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("text", ["9" * 5000, "²", "-1", "1.5", "", "abc", "\x00", None, "9" * 19])
def test_what_cannot_be_a_key_or_a_version_is_0(text):
    assert whole(text) == 0


def test_a_key_is_read_and_what_is_none_is_not_ticked(rf):
    assert whole("7") == 7
    assert ticked(rf.post("/", {"pk": ["3", "x", "9" * 5000, "4"]})) == [3, 4]
    assert ticked(rf.get("/", {"pk": ["3", "²"]})) == [3]
    assert version_of(rf.post("/", {"version": "2"})) == 2


class DayForm(forms.Form):
    day = forms.DateField()
    moment = forms.DateTimeField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress(self)


@pytest.mark.parametrize("year", ["0001", "1899", "2200", "9999"])
def test_a_day_that_nobody_can_mean_is_refused(year):
    form = DayForm({"day": f"{year}-12-31", "moment": f"{year}-12-31T23:59"})
    assert form.errors == dict.fromkeys(["day", "moment"], ["Enter a date between 1900 and 2199."])
    assert DayForm({"day": "2199-12-31", "moment": "1900-01-01T00:00"}).is_valid()
