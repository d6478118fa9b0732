"""Import of maintenance history: what is taken, what is refused, and that nothing is taken twice."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.urls import reverse

from agreements.models import ServiceObject
from orders.history.operations import Target, summary
from orders.models import HistoryImport, HistoryRow, ServiceOrder, ServiceOrderLine, ServiceStage
from reporting.margin.facts import Firm, facts, totals
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import Attachment, Run
from servicemgmt.core.roles import DISPATCHER, PLANNER
from servicemgmt.masterdata.models import Currency
from servicemgmt.projects.models import Transaction
from tests.cast import user_in
from tests.history.conftest import DATA, HEADER, counts, take

GOOD = HEADER + "2004-07-01,A,BUCKET WON'T OPEN,PM01,183.05\n2005-03-20,B,Correction,PM02,-10\n"


def test_a_row_becomes_a_closed_order_with_its_cost(mapping):
    taken = take(mapping, GOOD)
    assert counts(taken) == {"imported": 2, "already": 0}
    order = ServiceOrder.objects.order_by("pk").first()
    assert order.number.startswith("HI-")
    assert (order.stage.phase, order.progress, order.origin) == ("DONE", "POSTED", "IMPORT")
    assert order.service_on == date(2004, 7, 1) and len(order.external_number) == 64
    line = order.lines.get()
    assert line.transaction.source == "IMPORT" and line.transaction.voucher is None
    assert (line.transaction.cost_amount, line.transaction.cost_currency.code) == (Decimal("183.05"), "AUD")
    assert line.transaction.coverage == "INTERNAL" and line.transaction.sales_amount == 0
    assert order.object_relations.get().service_object.serial_number == "A"
    assert Transaction.objects.aggregate(n=Sum("cost_amount"))["n"] == Decimal("173.05")
    assert not HistoryRow.objects.exists()


def test_importing_again_adds_nothing(mapping):
    take(mapping, GOOD)
    again = take(mapping, GOOD)
    assert counts(again) == {"imported": 0, "already": 2}
    assert summary(again, counts(again)) == "0 imported, 2 already there, 0 refused, total AUD 173.05"
    assert ServiceOrder.objects.count() == 2 == ServiceOrderLine.objects.count()
    assert ServiceObject.objects.count() == 2


def test_exact_repeats_of_a_row_all_count(mapping):
    row = "2004-07-01,A,swap bucket,PM01,5\n"
    assert counts(take(mapping, HEADER + row * 3))["imported"] == 3
    assert counts(take(mapping, HEADER + row * 4)) == {"imported": 1, "already": 3}


def test_another_source_is_another_history(mapping):
    take(mapping, GOOD)
    assert counts(take(mapping, GOOD, source="second mine"))["imported"] == 2


def test_a_dry_run_says_what_the_file_holds_and_changes_nothing(mapping):
    taken = take(mapping, GOOD, dry_run=True)
    assert summary(taken, counts(taken)) == "2 would be imported, 0 refused, total AUD 173.05"
    assert not ServiceOrder.objects.exists() and not ServiceObject.objects.exists()


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("2003-12-31,B,won,t swing,PM01", "Cost", "not an amount"),
        ("31.12.2003,B,x,PM01,1", "BscStartDate", "not a date"),
        ("2003-02-30,B,x,PM01,1", "BscStartDate", "not a date"),
        (",B,x,PM01,1", "BscStartDate", "not a date"),
        ("0001-01-01,B,x,PM01,1", "BscStartDate", "not a date"),
        ("2003-12-31,,x,PM01,1", "Asset", "no asset"),
        ("2003-12-31,B,x", "PMType", "no such cell"),
        ("2003-12-31,B,x,PM01,1.005", "Cost", "decimals"),
        ("2003-12-31,B,x,PM01,NaN", "Cost", "not an amount"),
        ("2003-12-31,B,x,PM01,1e30", "Cost", "not an amount"),
        (f"2003-12-31,B,{'x' * 251},PM01,1", "OriginalShorttext", "250"),
    ],
)
def test_a_bad_row_is_refused_with_line_column_and_reason_and_the_rest_is_taken(mapping, row, column, reason):
    taken = take(mapping, f"{GOOD}{row}\n2006-01-01,A,after,PM01,1\n")
    assert counts(taken) == {"imported": 3, "already": 0, "refused": 1}
    message = taken.run.messages.get()
    assert message.data["line"] == 4 and message.data["column"] == column
    assert reason in message.data["reason"]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "empty"),
        (HEADER.encode(), "no rows"),
        (b"Date,Machine,Cost\n2004-07-01,A,1\n", "needs the columns"),
        (HEADER.encode() + b"2004-07-01,A,caf\xe9,PM01,1\n", "Line 2 is not UTF-8"),
        ("\ufeff".encode("utf-16") + HEADER.encode("utf-16-le"), "not UTF-8"),
        (GOOD.encode() + b"x" * (50 * 1024 * 1024), "longer than 64 KB"),
        (HEADER.encode() + b"2004-07-01,A,=cmd|' /C calc'!A0,PM01,1\n", "spreadsheet formula"),
        (HEADER.encode() + b"2004-07-01,A,x,PM01,=1+1\n", "spreadsheet formula"),
        (HEADER.encode() + b'2004-07-01,A,"never closed,PM01,1\n', "not valid CSV"),
        (b"\x00\x01\x02\x03", "needs the columns"),
    ],
)
def test_a_file_that_cannot_be_is_refused_whole_and_changes_nothing(mapping, raw, sentence):
    with pytest.raises(Invalid, match=sentence) as refusal:
        take(mapping, raw)
    assert refusal.value.field == "file"
    assert not Run.objects.exists() and not HistoryImport.objects.exists() and not Attachment.objects.exists()


def test_without_a_stage_to_close_in_the_run_fails_at_once(mapping):
    ServiceStage.objects.filter(phase="DONE").update(phase="WORKING")
    run = take(mapping, GOOD).run
    assert run.status == "FAILED" and "no service stage whose phase is Done" in run.error
    assert not run.chunks.exists()


def test_a_byte_order_mark_is_no_part_of_the_header(mapping):
    assert counts(take(mapping, b"\xef\xbb\xbf" + GOOD.encode()))["imported"] == 2


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_mapping_says_what_stands_between_the_cells(mapping, delimiter):
    mapping.delimiter = delimiter
    assert counts(take(mapping, GOOD.replace(",", delimiter)))["imported"] == 2


def test_the_costs_have_the_decimals_of_the_currency_they_are_in(mapping):
    yen = Currency.objects.update_or_create(code="JPY", defaults={"description": "Yen", "digits": 0})[0]
    target = Target.of(mapping, currency=yen)
    taken = take(mapping, GOOD, target=target)
    assert counts(taken) == {"imported": 1, "already": 0, "refused": 1}
    assert "more than 0 decimals" in taken.run.messages.get().text


def test_the_page_takes_a_file_and_goes_to_the_run(client, mapping):
    client.force_login(user_in(PLANNER))
    url = reverse("orders:import")
    file = SimpleUploadedFile("history.csv", GOOD.encode(), "text/csv")
    response = client.post(url, {"file": file, "mapping": mapping.pk})
    taken = HistoryImport.objects.get()
    assert response.url == reverse("core:run", args=[taken.run_id])
    assert client.get(reverse("orders:imports")).status_code == 200


def test_the_page_says_what_is_wrong_with_a_file(client, mapping):
    client.force_login(user_in(PLANNER))
    url = reverse("orders:import")
    wrong = SimpleUploadedFile("history.csv", b"a,b\n1,2\n", "text/csv")
    response = client.post(url, {"file": wrong, "mapping": mapping.pk})
    assert response.status_code == 422 and "needs the columns" in response.content.decode()
    assert client.post(url, {"mapping": mapping.pk}).status_code == 422
    assert not HistoryImport.objects.exists()


def test_dispatchers_do_not_import(client, mapping):
    client.force_login(user_in(DISPATCHER))
    for name in ("import", "imports"):
        assert client.get(reverse(f"orders:{name}")).status_code == 403


def test_the_command_closes_with_the_figures(mapping, tmp_path, capsys):
    file = tmp_path / "history.csv"
    file.write_text(GOOD + "2003-12-31,B,won,t swing,PM01\n")
    for expected in (
        ["--dry-run", "2 would be imported, 1 refused, total AUD 173.05"],
        ["2 imported, 1 refused, total AUD 173.05"],
        ["0 imported, 2 already there, 1 refused, total AUD 173.05"],
    ):
        call_command("import_history", str(file), *expected[:-1])
        assert capsys.readouterr().out.splitlines()[-1] == expected[-1]


def test_the_command_takes_options_and_refuses_in_sentences(mapping, tmp_path):
    file = tmp_path / "history.csv"
    file.write_text(GOOD)
    with pytest.raises(CommandError, match="no mapping"):
        call_command("import_history", str(file), "--mapping", "NONE")
    with pytest.raises(CommandError, match="There is no customer"):
        call_command("import_history", str(file), "--customer", "C-0")
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_history", str(tmp_path / "nothing.csv"))
    call_command("import_history", str(file), "--currency", "USD", "--source", "another")
    assert HistoryImport.objects.get().currency.code == "USD"


@pytest.mark.skipif(not DATA.exists(), reason="the published excavator history is not beside this checkout")
def test_the_real_history_of_five_excavators(mapping, client):
    taken = take(mapping, DATA.read_bytes())
    assert summary(taken, counts(taken)) == "5,484 imported, 1 refused, total AUD 17,506,068.13"
    again = take(mapping, DATA.read_bytes())
    assert (
        summary(again, counts(again)) == "0 imported, 5,484 already there, 1 refused, total AUD 17,506,068.13"
    )
    message = taken.run.messages.get()
    assert (message.data["line"], message.data["column"]) == (3454, "Cost")
    assert ServiceObject.objects.count() == 5 and ServiceOrder.objects.count() == 5484
    assert Transaction.objects.filter(cost_amount__lt=0).count() == 6
    [row] = totals(facts(ServiceOrder.objects.all(), "posted", Firm.of_company()))
    assert (row["cost_currency"], row["sum_cost"], row["orders"]) == ("AUD", Decimal("17506068.13"), 5484)
    client.force_login(user_in(PLANNER))
    page = client.get(reverse("reporting:margin")).content.decode()
    assert "17,506,068.13" in page
