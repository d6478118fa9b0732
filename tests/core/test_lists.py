"""Lists: paging, sorting, filters, files, and everything a URL may ask wrongly."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q, Value
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django_filters import (
    BooleanFilter,
    ChoiceFilter,
    DateFromToRangeFilter,
    FilterSet,
    ModelChoiceFilter,
    NumberFilter,
)
from django_htmx.middleware import HtmxDetails
from openpyxl import load_workbook

from servicemgmt.core.export import csv_lines, safe
from servicemgmt.core.lists import Action, Column, ListSpec, Tab, list_page
from servicemgmt.core.lists.paging import Order, all_rows, pack, page_of, unpack
from servicemgmt.core.models import Event, Run, User
from servicemgmt.core.setup.importing import unprotected
from servicemgmt.masterdata.models import Currency, ExchangeRate
from tests.cast import user_in

pytestmark = pytest.mark.django_db


class EventFilter(FilterSet):
    actor = ModelChoiceFilter(queryset=User.objects.all())
    action = ChoiceFilter(choices=[("a", "A"), ("b", "B")])
    run = NumberFilter(field_name="run_id", label="Run")
    at = DateFromToRangeFilter(label="When")

    class Meta:
        model = Event
        fields = ["actor", "action"]


def spec(**changes: Any) -> ListSpec:
    options: dict[str, Any] = {
        "name": "things",
        "title": "Things",
        "columns": [
            Column("subject", "Subject", sort="subject"),
            Column("actor__name", "Who", sort="actor__name"),
            Column("subject_label", "Label", sort="subject_label"),
            Column("at", "When", sort="at"),
            Column("run_id", "Run", sort="run_id"),
        ],
        "default_sort": "-at",
        "filterset": EventFilter,
        "search": ["subject_label"],
        "row_url": lambda row: f"/things/{row['pk']}/",
    }
    return ListSpec(**(options | changes))


def get(url: str, of: ListSpec, rows: Any = None, **headers: str) -> HttpResponseBase:
    request = RequestFactory().get(url, headers=headers)
    request.user = user_in("Administrator")
    request.htmx = HtmxDetails(request)
    return list_page(request, of, Event.objects.all() if rows is None else rows)


def html(url: str, of: ListSpec | None = None, rows: Any = None, **headers: str) -> str:
    answer = get(url, of or spec(), rows, **headers)
    assert answer.status_code == 200
    return answer.content.decode()  # type: ignore[attr-defined]


def link(text: str, words: str) -> str:
    """The address of the link in whose tag or text the words stand."""
    for found in re.finditer(r"<a\b[^>]*>.*?</a>", text, re.DOTALL):
        if words in found.group():
            return unescape(re.search(r'href="([^"]*)"', found.group()).group(1))  # type: ignore[union-attr]
    return ""


@pytest.fixture
def events() -> list[Event]:
    """97 events with ties and gaps: every third without an actor, every fifth with a run, labels in both cases."""
    people = [user_in("Administrator"), user_in("Finance"), None]
    run = Run.objects.create(kind="nothing")
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    made = [
        Event(
            at=start + timedelta(days=n // 4),
            actor=people[n % 3],
            actor_name="x",
            subject=f"thing:{n:03}",
            subject_label=f"{'b' if n % 2 else 'A'}{n % 7}",
            action="ab"[n % 2],
            run=run if n % 5 == 0 else None,
        )
        for n in range(97)
    ]
    return Event.objects.bulk_create(made)


SORTS = ["subject", "actor__name", "subject_label", "at", "run_id", "pk"]


@pytest.mark.parametrize("sort", SORTS + [f"-{name}" for name in SORTS])
def test_pages_hold_every_row_once_in_the_order_of_the_whole(events, sort):
    order, cursor, seen, pages = Order.parse(sort), None, [], 0
    while True:
        rows, following = page_of(Event.objects.all(), order, cursor, 10, ["pk", "subject"])
        seen += [row["pk"] for row in rows]
        pages += 1
        if following is None:
            break
        cursor = unpack(pack(following, order), order, Event.objects.all())
        assert cursor == following
    assert pages == 10
    assert seen == [row["pk"] for row in all_rows(Event.objects.all(), order, ["pk"])]
    assert sorted(seen) == sorted(event.pk for event in events)


@pytest.mark.parametrize("sign", ["", "-"])
def test_rows_without_a_value_come_last_either_way(events, sign):
    order = Order.parse(f"{sign}actor__name")
    names = [row["actor__name"] for row in all_rows(Event.objects.all(), order, ["pk", "actor__name"])]
    assert names[0] is not None and names[-32:] == [None] * 32


def test_text_is_sorted_without_regard_to_case(events):
    rows = all_rows(Event.objects.all(), Order.parse("subject_label"), ["pk", "subject_label"])
    labels = [row["subject_label"] for row in rows]
    assert labels == sorted(labels, key=str.lower)


def test_a_deep_page_begins_in_the_index(events):
    """The thousandth page is as fast as the first: the index is entered at the cursor, not read up to it."""
    order = Order.parse("-at")
    _rows, cursor = page_of(Event.objects.all(), order, None, 50, ["pk"])
    with CaptureQueriesContext(connection) as queries:
        page_of(Event.objects.all(), order, cursor, 10, ["pk", "subject"])
    [query] = queries.captured_queries
    assert re.search(r'\("core_event"\."at", "core_event"\."id"\) < \(', query["sql"])
    with connection.cursor() as database:
        database.execute("SET LOCAL enable_seqscan = off")
        database.execute("SET LOCAL enable_sort = off")
        database.execute(f"EXPLAIN {query['sql']}")
        plan = "\n".join(line for (line,) in database.fetchall())
    assert "event_by_time" in plan and re.search(r"Index Cond: \(ROW", plan), plan


def test_next_and_first_page_carry_the_state(events):
    first = html("/?sort=-at&action=a&q=A")
    assert "Next page" not in first
    first = html("/?sort=-subject&action=a", spec(page_size=20))
    assert "1–20, more follow" in first and "First page" not in first
    following = link(first, 'rel="next"')
    assert "sort=-subject" in following and "action=a" in following
    second = html(following, spec(page_size=20))
    assert "21–40, more follow" in second
    assert link(second, "First page") == "/?sort=-subject&action=a"
    last = html(link(second, 'rel="next"'), spec(page_size=20))
    assert "41–49, the end of the list" in last and 'rel="next"' not in last


def test_sorting_begins_at_the_first_page_and_turns_round(events):
    page = html(link(html("/", spec(page_size=20)), 'rel="next"'), spec(page_size=20))
    assert link(page, "Subject") == "/?sort=subject"
    page = html("/?sort=subject")
    assert link(page, "Subject") == "/?sort=-subject" and 'aria-sort="ascending"' in page
    assert link(html("/?sort=-subject"), "Subject") == "/?sort=subject"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("sort=password", "This list cannot be sorted by “password”."),
        ("sort=-", ""),
        ("sort=actor__password", "cannot be sorted"),
        ("after=garbage", "That page of the list is not known"),
        ("after=W10:abc", "That page of the list is not known"),
        ("tab=nothing", "There is no part “nothing” of this list."),
        ("format=pdf", "This list cannot be had as “pdf”."),
        ("action=zzz", "The filter “What” was left out: Select a valid choice."),
        ("actor=99999999999999999999999", "The filter “Actor” was left out"),
        ("actor=%00", "The filter “Actor” was left out"),
        ("run=one", "The filter “Run” was left out: Enter a number."),
        ("run=99999999999999999999999", ""),
        ("at_after=yesterday", "The filter “When” was left out: Enter a valid date."),
        ("q=" + "x" * 5000, ""),
        ("nobody=knows", ""),
    ],
)
def test_whatever_the_url_says_the_page_stands(events, query, sentence):
    page = unescape(html(f"/?{query}", spec(tabs=[Tab("all", "All")])))
    assert sentence in page and ('role="region"' in page or "Nothing matches" in page)


def test_a_cursor_of_another_sort_begins_anew(events):
    order = Order.parse("at")
    _rows, cursor = page_of(Event.objects.all(), order, None, 10, ["pk"])
    assert "not known; this is the first" in html(f"/?sort=subject&after={pack(cursor, order)}")


def test_a_file_with_a_filter_that_cannot_be_read_is_refused(events):
    answer = get("/?action=zzz&format=csv", spec())
    assert answer.status_code == 422 and "was left out" in answer.content.decode()


def test_search_filters_and_tabs_work_together(events):
    of = spec(tabs=[Tab("all", "All"), Tab("a", "Only A", Q(action="a"))], tab_counts=True)
    page = html("/?tab=a&at_after=2026-01-05&at_before=2026-01-08&q=A", of)
    assert "8 rows" in page and 'value="2026-01-05"' in page and 'type="date"' in page
    assert link(page, "Only A") == "/?at_after=2026-01-05&at_before=2026-01-08&q=A&tab=a"
    counts = re.findall(r'tab-count">(\d+)', page)
    assert counts == ["8", "8"]
    assert "Clear all filters" in html("/?q=nowhere", of)
    assert link(html("/?q=nowhere&tab=a&sort=at", of), "Clear all filters") == "/?tab=a&sort=at"


def test_tab_counts_are_capped_and_cost_one_query(events):
    many = [Event(actor_name="x", subject=f"more:{n}", action="a") for n in range(1000)]
    Event.objects.bulk_create(many)
    of = spec(tabs=[Tab("all", "All"), Tab("no", "None", Q(pk__in=[]))], tab_counts=True, filterset=None)
    user_in("Administrator")
    with CaptureQueriesContext(connection) as queries:
        page = html("/", of)
    assert "999+" in page and re.findall(r'tab-count">([^<]+)', page) == ["999+", "0"]
    of_the_list = [q for q in queries.captured_queries if "core_event" in q["sql"]]
    assert len(of_the_list) == 2


def test_htmx_gets_the_rows_alone(events):
    whole, rows = html("/"), html("/", **{"HX-Request": "true", "HX-Target": "div#rows"})
    assert "<html" in whole and "<html" not in rows
    assert re.search(r'id="rows"', rows)


def test_a_row_links_to_its_thing_and_shows_its_kinds(events):
    of = spec(
        columns=[
            Column("subject", "Subject", kind="link"),
            Column(
                "action", "What", kind="badge", tone=lambda row: "green" if row["action"] == "a" else "red"
            ),
            Column("at", "When", kind="date"),
            Column("net", "Net", kind="money", currency="code", sort="net"),
            Column("bar", "Bar", value=lambda row: f"{row['subject']}!", needs=["subject"]),
            Column("minutes", "Time", kind="duration"),
        ]
    )
    rows = Event.objects.annotate(net=Value(Decimal("-1234567.5")), code=Value("JPY"), minutes=Value(90))
    page = html("/?sort=net", of, rows)
    assert '<a class="main" href="/things/' in page and 'data-tone="green"' in page
    assert "−1,234,568\N{NO-BREAK SPACE}JPY" in page and "thing:000!" in page and "1 h 30" in page
    assert "1 Jan 2026" in page


def test_money_has_the_digits_of_its_currency_row():
    currency = Currency.objects.create(code="XYZ", description="Thing", digits=3)
    ExchangeRate.objects.create(currency=currency, valid_from=date(2026, 1, 1), rate=Decimal("1234.5"))
    of = ListSpec(
        "rates", "Rates", [Column("rate", "Rate", kind="money", currency="currency__code")], "-valid_from"
    )
    assert "1,234.500\N{NO-BREAK SPACE}XYZ" in html("/", of, ExchangeRate.objects.all())
    lines = get("/?format=csv", of, ExchangeRate.objects.all()).getvalue().decode("utf-8-sig").splitlines()
    assert lines == ["Rate,Currency", "1234.500,XYZ"]


def test_csv_has_all_rows_in_order_with_filters(events):
    answer = get("/?sort=subject&action=a&format=csv", spec(page_size=10))
    content = answer.getvalue()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert re.search(r'attachment; filename="things-\d{4}-\d\d-\d\d.csv"', answer["Content-Disposition"])
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert lines[0] == ["Subject", "Who", "Label", "When", "Run"] and len(lines) == 50
    assert [line[0] for line in lines[1:]] == sorted(line[0] for line in lines[1:])
    assert lines[1][3] == "2026-01-01 12:00"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("-12.50", "-12.50"),
        ("+3", "+3"),
        ("-", "'-"),
        ("plain = text", "plain = text"),
        ("", ""),
    ],
)
def test_no_cell_is_taken_for_a_formula(text, written):
    assert safe(text) == written
    assert unprotected(written) == text


def test_csv_text_stays_in_its_own_language_and_zone():
    moment = datetime(2026, 6, 1, 12, tzinfo=UTC)
    with timezone.override("Asia/Kolkata"), translation.override("en"):
        lines = csv_lines(["When", "Yes"], [[moment, True], [None, False]])
    assert "".join(lines) == "\ufeffWhen,Yes\r\n2026-06-01 17:30,yes\r\n,no\r\n"


def test_xlsx_has_real_numbers_and_dates_and_no_formulas(events):
    Event.objects.bulk_create([Event(actor_name="x", subject="=1+1", subject_label="=cmd", action="a")])
    rows = Event.objects.annotate(net=F("id") * Value(Decimal("1.5")))
    of = spec(columns=[*spec().columns, Column("net", "Net", kind="money", digits=2)])
    answer = get("/?sort=subject&format=xlsx", of, rows)
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    answer.file_to_stream.close()  # type: ignore[attr-defined]
    lines = list(sheet.iter_rows(values_only=True))
    assert len(lines) == 99 and lines[0][0] == "Subject"
    assert lines[1][0] == "=1+1" and sheet["A2"].data_type == "s"
    assert isinstance(lines[2][3], datetime) and isinstance(lines[2][5], int | float)


def test_totals_stand_in_the_foot(events):
    def totals(rows: Any) -> dict[str, Any]:
        return {"net": Decimal(rows.count()), "code": "EUR"}

    of = spec(
        columns=[Column("subject", "Subject"), Column("net", "Net", kind="money", currency="code")],
        totals=totals,
    )
    rows = Event.objects.annotate(net=Value(Decimal(1)), code=Value("EUR"))
    page = html("/?action=a", of, rows)
    assert "<tfoot" in page and "49.00\N{NO-BREAK SPACE}EUR" in page and "Total" in page


def test_actions_are_offered_to_those_who_may(events):
    of = spec(
        create=("core:setup", "New thing", "core.change_user"),
        actions=[Action("core:runs", "To runs"), Action("core:runs", "Never", permission="core.no_such")],
        bulk_actions=[Action("/do/", "Do it")],
    )
    page = html("/", of)
    assert "New thing" in page and "To runs" in page and "Never" not in page
    assert 'formaction="/do/"' in page and page.count('name="pk"') == 50


def test_an_empty_list_says_what_to_do():
    page = html("/", spec(empty_title="No things", empty_text="Make one."))
    assert "No things" in page and "Make one." in page and "Excel" not in page


def test_an_empty_part_does_not_say_that_there_is_nothing():
    parts = [Tab("open", "Open", Q(action="open")), Tab("below", "Below zero", Q(action="b"))]
    of = spec(tabs=parts, empty_title="No things", empty_text="Make one.")
    assert "No things" in html("/", of)
    page = unescape(html("/?tab=below", of))
    assert "Nothing under “Below zero”" in page and "No things" not in page and "Make one." not in page


def test_a_filter_by_yes_or_no_is_not_set_at_first():
    class Suspended(FilterSet):
        suspended = BooleanFilter()

    page = html("/", spec(filterset=Suspended))
    assert '<option value="" selected>' in page and 'value="unknown"' not in page


def test_a_wrong_kind_of_column_is_found_at_once():
    with pytest.raises(ValueError, match="unknown kind"):
        Column("x", "X", kind="monney")


def test_positions_follow_one_another(events):
    order, positions, cursor = Order.parse("pk"), [0], None
    for _ in range(3):
        _rows, cursor = page_of(Event.objects.all(), order, cursor, 10, ["pk"])
        positions.append(cursor.position)
    assert all(b - a == 10 for a, b in pairwise(positions))
