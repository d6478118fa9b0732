"""The one mechanism for small masters."""

import io
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook

from servicemgmt.core.errors import Invalid, Refused, Stale
from servicemgmt.core.forms import ClockField
from servicemgmt.core.models import Event
from servicemgmt.core.operations import delete_master, end_master, import_masters, save_master
from servicemgmt.core.setup import Child, Setup
from servicemgmt.core.setup.importing import Table, read_table
from servicemgmt.masterdata.models import CalendarHours, Currency, ExchangeRate, PaymentTerm, WorkCalendar
from tests.cast import stranger, user_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def terms(registered) -> Setup:
    return registered(
        Setup(
            PaymentTerm,
            section="Sales",
            fields=["code", "description", "days"],
            help="When invoices are due.",
        )
    )


@pytest.fixture
def calendars(registered) -> Setup:
    return registered(
        Setup(
            WorkCalendar,
            section="Time",
            fields=["code", "description", "standard_day_minutes"],
            children=[
                Child(
                    CalendarHours,
                    fields=["weekday", "opens", "closes"],
                    clocks={"opens": "From", "closes": "To"},
                )
            ],
            sentences={"calendarhours_do_not_overlap": "Two openings of a day overlap."},
        )
    )


@pytest.fixture
def currencies(registered) -> Setup:
    registered(Setup(ExchangeRate, section="Money", fields=["currency", "valid_from", "rate"]))
    return registered(Setup(Currency, section="Money", fields=["code", "description", "digits"]))


def net(terms: Setup, days: int = 30) -> PaymentTerm:
    values = {"code": f"N{days}", "description": f"Net {days}", "days": days}
    return save_master(terms, None, values=values, version=None, by=user_in("Finance"))


def test_the_index_offers_what_one_may_view(terms, sign_in):
    net(terms)
    html = sign_in(user_in("Finance")).get("/setup/").content.decode()
    assert "Payment terms" in html and "When invoices are due." in html
    assert "Payment terms" not in sign_in(stranger()).get("/setup/").content.decode()


def test_a_stranger_enters_no_master(terms, sign_in):
    row = net(terms)
    browser = sign_in(stranger())
    for path in ("", "new/", f"{row.pk}/", "import/"):
        assert browser.get(f"/setup/paymentterm/{path}").status_code == 403
    for path in ("new/", f"{row.pk}/", f"{row.pk}/end/", f"{row.pk}/delete/", "import/", "import/confirm/"):
        assert browser.post(f"/setup/paymentterm/{path}").status_code == 403
    assert sign_in(user_in("Finance")).get("/setup/nothing/").status_code == 404


def test_creating_a_master_leaves_an_event(terms, sign_in):
    browser = sign_in(user_in("Finance"))
    assert browser.get("/setup/paymentterm/new/").status_code == 200
    answer = browser.post("/setup/paymentterm/new/", {"code": "N14", "description": "Net 14", "days": "14"})
    assert answer.status_code == 302
    row = PaymentTerm.objects.get(code="N14")
    event = Event.objects.get(subject=f"paymentterm:{row.pk}")
    assert event.action == "created" and event.changes["days"] == [None, 14] and event.actor_name == "Cleo"


def test_changing_records_old_and_new(terms, sign_in):
    row = net(terms)
    browser = sign_in(user_in("Finance"))
    form = {"code": "N30", "description": "Net 30", "days": "45", "ended_on": "", "version": "1"}
    assert browser.post(f"/setup/paymentterm/{row.pk}/", form)["Location"] == "/setup/paymentterm/"
    page = browser.get(f"/setup/paymentterm/{row.pk}/?next=/projects/prices/").content.decode()
    assert 'name="next" value="/projects/prices/"' in page, "who came from elsewhere goes back there"
    again = form | {"version": "2", "next": "/projects/prices/"}
    assert browser.post(f"/setup/paymentterm/{row.pk}/", again)["Location"] == "/projects/prices/"
    row.refresh_from_db()
    assert (row.days, row.version) == (45, 2)
    assert Event.objects.filter(action="changed").get().changes == {"days": [30, 45]}
    html = browser.get(f"/audit/of/paymentterm:{row.pk}/").content.decode()
    assert "Days" in html and "<del>30</del>" in html and "<ins>45</ins>" in html


def test_saving_without_a_difference_writes_nothing(terms):
    row = net(terms)
    save_master(terms, row.pk, values={"days": 30}, version=1, by=None)
    row.refresh_from_db()
    assert row.version == 1 and not Event.objects.filter(action="changed").exists()


def test_what_is_typed_wrong_is_answered_at_the_field(terms, sign_in):
    net(terms)
    answer = sign_in(user_in("Finance")).post(
        "/setup/paymentterm/new/", {"code": "N30", "description": "", "days": "x"}
    )
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"code", "description", "days"}
    assert PaymentTerm.objects.count() == 1


def test_a_stale_form_shows_the_fresh_row_and_what_was_typed(terms, sign_in):
    row = net(terms)
    save_master(terms, row.pk, values={"days": 60}, version=1, by=None)
    form = {"code": "N30", "description": "Net thirty", "days": "31", "ended_on": "", "version": "1"}
    answer = sign_in(user_in("Finance")).post(f"/setup/paymentterm/{row.pk}/", form)
    html = answer.content.decode()
    assert answer.status_code == 409 and "was changed by someone else" in html
    assert 'value="60"' in html and "Days: 31" in html and 'name="version" value="2"' in html
    with pytest.raises(Stale):
        save_master(terms, row.pk, values={"days": 1}, version=1, by=None)


def test_ending_and_offering_again(terms, sign_in):
    row = net(terms)
    browser = sign_in(user_in("Finance"))
    assert browser.post(f"/setup/paymentterm/{row.pk}/end/", {"version": "1"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_on and "Net 30" not in browser.get("/setup/paymentterm/").content.decode()
    assert "Net 30" in browser.get("/setup/paymentterm/?tab=ended").content.decode()
    browser.post(f"/setup/paymentterm/{row.pk}/end/", {"version": "2", "again": "1"})
    row.refresh_from_db()
    assert row.ended_on is None and Event.objects.filter(action="changed").count() == 2


def test_an_unused_master_can_be_deleted(terms, sign_in):
    row = net(terms)
    assert sign_in(user_in("Finance")).get(f"/setup/paymentterm/{row.pk}/delete/").status_code == 405
    assert (
        sign_in(user_in("Finance")).post(f"/setup/paymentterm/{row.pk}/delete/", {"version": "1"}).status_code
        == 302
    )
    assert not PaymentTerm.objects.exists()
    assert Event.objects.filter(subject=f"paymentterm:{row.pk}", action="deleted").exists()


def test_a_used_master_names_what_uses_it(currencies, sign_in):
    euro = Currency.objects.create(code="EUR", description="Euro")
    ExchangeRate.objects.create(currency=euro, valid_from=date(2026, 1, 1), rate=1)
    ExchangeRate.objects.create(currency=euro, valid_from=date(2026, 2, 1), rate=1)
    with pytest.raises(Refused, match="used by 2 exchange rates"):
        delete_master(currencies, euro.pk, version=1, by=None)
    answer = sign_in(user_in("Finance")).post(f"/setup/currency/{euro.pk}/delete/", {"version": "1"})
    assert answer.status_code == 409 and "used by 2 exchange rates" in answer.content.decode()
    assert not Event.objects.filter(action="deleted").exists()


def test_children_are_saved_with_their_master(calendars, sign_in):
    browser = sign_in(user_in("Planner"))
    form = {
        "code": "STD", "description": "Standard", "standard_day_minutes": "480",
        "calendarhours-TOTAL_FORMS": "3", "calendarhours-INITIAL_FORMS": "0",
        "calendarhours-0-weekday": "0", "calendarhours-0-opens": "08:00", "calendarhours-0-closes": "12:00",
        "calendarhours-1-weekday": "0", "calendarhours-1-opens": "1300", "calendarhours-1-closes": "17:00",
        "calendarhours-2-weekday": "", "calendarhours-2-opens": "", "calendarhours-2-closes": "",
    }  # fmt: skip
    assert browser.post("/setup/workcalendar/new/", form).status_code == 302
    calendar = WorkCalendar.objects.get()
    first, second = calendar.hours.all()
    html = browser.get(f"/setup/workcalendar/{calendar.pk}/").content.decode()
    assert 'value="08:00"' in html
    # Both move by an hour: on the way they would overlap, together they do not.
    form |= {
        "version": "1", "ended_on": "",
        "calendarhours-TOTAL_FORMS": "5", "calendarhours-INITIAL_FORMS": "2",
        "calendarhours-0-pk": str(first.pk), "calendarhours-1-pk": str(second.pk),
        "calendarhours-0-closes": "14:00", "calendarhours-1-opens": "15:00",
        "calendarhours-1-closes": "18:00",
    }  # fmt: skip
    assert browser.post(f"/setup/workcalendar/{calendar.pk}/", form).status_code == 302
    assert [(h.opens, h.closes) for h in calendar.hours.all()] == [(480, 840), (900, 1080)]
    calendar.refresh_from_db()
    event = Event.objects.filter(action="changed").get()
    assert calendar.version == 2 and event.changes["calendarhours"][1][0] == "Monday 08:00–14:00"
    form |= {"version": "2", "calendarhours-1-opens": "13:20"}
    hours = list(calendar.hours.all())
    form |= {"calendarhours-0-pk": str(hours[0].pk), "calendarhours-1-pk": str(hours[1].pk)}
    answer = browser.post(f"/setup/workcalendar/{calendar.pk}/", form)
    assert answer.status_code == 422 and "Two openings of a day overlap." in answer.content.decode()
    form |= {"calendarhours-1-opens": "15:00", "calendarhours-1-DELETE": "on"}
    assert browser.post(f"/setup/workcalendar/{calendar.pk}/", form).status_code == 302
    assert calendar.hours.count() == 1


def test_whoever_may_only_look_sees_a_locked_form(terms, sign_in):
    row = net(terms)
    html = sign_in(user_in("Dispatcher")).get(f"/setup/paymentterm/{row.pk}/").content.decode()
    assert "disabled" in html and "Save</button>" not in html
    form = {"code": "N30", "description": "x", "days": "1", "version": "1"}
    assert sign_in(user_in("Dispatcher")).post(f"/setup/paymentterm/{row.pk}/", form).status_code == 403


def table(*lines: list[object]) -> Table:
    return Table(
        [str(cell) for cell in lines[0]], list(enumerate([list(line) for line in lines[1:]], start=2))
    )


def test_an_import_creates_changes_and_leaves_alone(terms):
    net(terms, 30)
    net(terms, 60)
    file = table(
        ["code", "days", "description"],
        ["N30", "31", "Net 30"],
        ["N60", "60", "Net 60"],
        ["N90", "90", "Net 90"],
    )
    tried = import_masters(terms, file, by=user_in("Finance"), dry_run=True)
    assert [r.action for r in tried] == ["change", "same", "create"]
    assert PaymentTerm.objects.count() == 2 and not Event.objects.filter(action="changed").exists()
    import_masters(terms, file, by=user_in("Finance"), dry_run=False)
    assert dict(PaymentTerm.objects.values_list("code", "days")) == {"N30": 31, "N60": 60, "N90": 90}


def test_an_import_with_one_bad_line_changes_nothing(terms):
    file = table(
        ["code", "days", "description"],
        ["N10", "10", "Net 10"],
        ["N20", "many", "Net 20"],
        ["", "1", "No code"],
    )
    results = import_masters(terms, file, by=user_in("Finance"), dry_run=False)
    assert [r.action for r in results] == ["create", "error", "error"]
    assert "Days: Enter a whole number." in results[1].text and results[1].line == 3
    assert not PaymentTerm.objects.exists() and not Event.objects.exists()


def test_an_import_finds_related_rows_by_code(currencies, registered):
    rates = registered(Setup(ExchangeRate, section="Money", fields=["currency", "valid_from", "rate"]))
    Currency.objects.create(code="USD", description="Dollar")
    file = table(["currency", "valid_from", "rate"], ["usd", "2026-01-01", "0.9"], ["XXX", "2026-01-01", "1"])
    results = import_masters(rates, file, by=user_in("Finance"), dry_run=True)
    assert results[0].action == "create" and "There is no currency “XXX”." in results[1].text


def test_the_import_page_tries_first_and_writes_on_confirmation(terms, sign_in):
    browser = sign_in(user_in("Finance"))
    assert "Head of the column" in browser.get("/setup/paymentterm/import/").content.decode()
    upload = io.BytesIO("\ufeffCode,Description,days\nN7,Net 7,7\n".encode())
    upload.name = "terms.csv"
    answer = browser.post("/setup/paymentterm/import/", {"file": upload})
    assert answer.status_code == 200 and not PaymentTerm.objects.exists()
    confirmed = browser.post("/setup/paymentterm/import/confirm/", {"token": answer.context["token"]})
    assert confirmed.status_code == 302 and PaymentTerm.objects.get().days == 7
    again = browser.post(
        "/setup/paymentterm/import/confirm/", {"token": answer.context["token"]}, follow=True
    )
    assert "Upload it again" in again.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "The submitted file is empty."),
        ("a.csv", b"  \n \n", "The file is empty."),
        ("a.csv", b"code,colour\nA,red\n", "There is no field “colour”."),
        ("a.csv", b"days\n1\n", "The file needs the column “code”."),
        ("a.csv", b"code,code\nA,A\n", "names a field twice"),
        ("a.csv", "code,description\nÄ,x\n".encode("utf-16"), "not UTF-8"),
        ("a.csv", b"code,description\nA," + b"x" * 5000, "too long"),
        ("a.csv", b"code\n" + b"A\n" * 2100, "more than 2,000 lines"),
        ("a.csv", b"x" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        ("a.xlsx", b"PK not really", "not a readable Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_changes_nothing(terms, sign_in, name, content, sentence):
    upload = io.BytesIO(content)
    upload.name = name
    answer = sign_in(user_in("Finance")).post("/setup/paymentterm/import/", {"file": upload})
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not PaymentTerm.objects.exists()


def test_an_exported_workbook_can_be_imported_again(terms, sign_in):
    net(terms, 30)
    save_master(terms, None, values={"code": "F", "description": "=1+1", "days": 5}, version=None, by=None)
    for kind in ("csv", "xlsx"):
        answer = sign_in(user_in("Finance")).get(f"/setup/paymentterm/?tab=all&format={kind}")
        content = answer.getvalue()
        read = read_table(terms, f"a.{kind}", io.BytesIO(content))
        results = import_masters(terms, read, by=None, dry_run=True)
        assert [r.action for r in results] == ["same", "same"], kind


def test_xlsx_dates_and_whole_numbers_are_read(terms):
    book = Workbook()
    book.active.append(["code", "description", "days", "ended_on"])
    book.active.append(["N5", "Net 5", 5.0, date(2026, 12, 31)])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    import_masters(terms, read_table(terms, "a.xlsx", file), by=user_in("Finance"), dry_run=False)
    row = PaymentTerm.objects.get()
    assert (row.days, row.ended_on) == (5, date(2026, 12, 31))
    assert load_workbook


def test_a_rule_of_its_own_is_asked_before_saving(registered):
    def odd(row, by):
        if row.days % 2:
            raise Invalid("Only even days.", field="days")

    setup = registered(Setup(PaymentTerm, section="S", fields=["code", "description", "days"], clean=odd))
    with pytest.raises(Invalid, match="Only even days"):
        save_master(setup, None, values={"code": "A", "description": "a", "days": 3}, version=None, by=None)


def test_number_sequences_keep_how_they_count(sign_in):
    browser = sign_in(user_in("Administrator"))
    form = {"code": "thing", "description": "Things", "prefix": "T-", "digits": "5"}
    assert browser.post("/setup/numbersequence/new/", form).status_code == 302
    html = browser.get("/setup/numbersequence/thing/").content.decode()
    assert "T-" in html and "disabled" in html
    changed = {
        "code": "other",
        "description": "Things",
        "prefix": "U-",
        "digits": "5",
        "is_gapless": "on",
        "version": "1",
    }
    assert browser.post("/setup/numbersequence/thing/", changed).status_code == 302
    from servicemgmt.core.models import NumberSequence

    row = NumberSequence.objects.get(pk="thing")
    assert (row.prefix, row.is_gapless, row.version) == ("U-", False, 2)
    wrong = browser.post("/setup/numbersequence/new/", {"code": "Upper", "description": "x", "digits": "5"})
    assert wrong.status_code == 422 and "lower-case letters" in wrong.content.decode()


def test_end_master_takes_a_day(terms):
    row = net(terms)
    end_master(terms, row.pk, on=date(2030, 1, 1), version=1, by=None)
    assert PaymentTerm.objects.current(date(2029, 12, 31)).exists()
    assert not PaymentTerm.objects.current(date(2030, 1, 1)).exists()


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("08:30", 510), ("8:30", 510), ("0830", 510), ("24:00", 1440), ("8.05", 485), ("", None)],
)
def test_a_time_of_day_is_kept_as_minutes(typed, minutes):
    field = ClockField(required=False)
    assert field.clean(typed) == minutes
    assert minutes is None or field.clean(field.prepare_value(minutes)) == minutes


@pytest.mark.parametrize("typed", ["24:01", "8", "eight", "12:60", "-1:00"])
def test_what_is_no_time_of_day_is_told(typed):
    with pytest.raises(ValidationError, match="such as 08:30"):
        ClockField().clean(typed)
