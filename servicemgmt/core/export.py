"""Tables as files: CSV that a spreadsheet opens right, and XLSX with real numbers and dates."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import batched
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from .errors import Refused, Sentence

#: What a spreadsheet takes for the beginning of a formula.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
XLSX_ROWS = 1_048_575
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

PATTERNS: dict[str | int, str] = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", 0: "#,##0"}
PATTERNS |= {n: f"#,##0.{'0' * n}" for n in range(1, 7)}

type Table = Iterable[Sequence[Any]]


def csv_response(name: str, headers: Sequence[Sentence], rows: Table) -> StreamingHttpResponse:
    """The table as CSV, written while it is read: UTF-8 with BOM, ISO dates, plain decimals, safe from formulas.

    `rows` may be lazy; it is read after the view returned, in the language and zone that were active here.
    """
    response = StreamingHttpResponse(csv_lines(headers, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name(name, "csv")}"'
    return response


def csv_lines(headers: Sequence[Sentence], rows: Table) -> Iterator[str]:
    """The CSV text in pieces, the byte order mark first."""
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()
    first = [safe(str(header)) for header in headers]

    def pieces() -> Iterator[str]:
        writer = csv.writer(Echo())
        yield "\ufeff" + writer.writerow(first)
        source = iter(rows)
        while True:
            # The languages and zones of several answers must not mix: active only while a batch is formatted.
            with translation.override(language), timezone.override(zone):
                batch = next(batched(source, 500), None)
                if batch is None:
                    return
                text = "".join(writer.writerow([csv_value(value) for value in row]) for row in batch)
            yield text

    return pieces()


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_value(value: Any) -> str:
    """How a value stands in a CSV file: ISO dates, local times, decimals with a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return local(value).isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float):
        return str(value)
    return safe(str(value))


def safe(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) and not is_number(text) else text


def is_number(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdecimal()


def local(moment: datetime) -> datetime:
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


def xlsx_response(name: str, headers: Sequence[Sentence], rows: Table) -> FileResponse:
    """The table as an Excel workbook with numbers as numbers and dates as dates; text is never a formula.

    Raises Refused where there are more rows than a sheet can hold (1,048,575 below the header).
    """
    file = TemporaryFile()  # noqa: SIM115 (FileResponse closes it)
    try:
        write_xlsx(file, name, headers, rows)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=file_name(name, "xlsx"), content_type=XLSX_TYPE)


def write_xlsx(file: Any, name: str, headers: Sequence[Sentence], rows: Table) -> None:
    """Write the workbook to the file, one row at a time in constant memory."""
    workbook = Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        formats: dict[Any, Any] = {
            kind: workbook.add_format({"num_format": pattern}) for kind, pattern in PATTERNS.items()
        }
        sheet = workbook.add_worksheet(slugify(name)[:31] or "list")
        sheet.freeze_panes(1, 0)
        bold = workbook.add_format({"bold": True})
        for column, header in enumerate(headers):
            sheet.set_column(column, column, max(12, min(40, len(str(header)) + 4)))
            sheet.write_string(0, column, str(header), bold)
        for at, row in enumerate(rows, start=1):
            if at > XLSX_ROWS:
                raise Refused(
                    _("Excel can hold 1,048,575 rows; there are more. Filter the list or take the CSV.")
                )
            for column, value in enumerate(row):
                write_cell(sheet, at, column, value, formats)
    finally:
        workbook.close()


def write_cell(sheet: Any, row: int, column: int, value: Any, formats: dict[Any, Any]) -> None:
    """One cell in the type of its value. Numbers beyond fifteen digits, which Excel would round, become text."""
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, local(value), formats["datetime"])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001
    elif isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) <= 15:
        sheet.write_number(row, column, float(value), formats.get(decimals(value), formats[6]))
    elif isinstance(value, int | float) and abs(value) < 10**15:
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:32767])


def decimals(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


def file_name(name: str, suffix: str) -> str:
    return f"{slugify(name) or 'list'}-{timezone.localdate():%Y-%m-%d}.{suffix}"


WRITERS: dict[str, Callable[[str, Sequence[Sentence], Table], Any]] = {
    "csv": csv_response,
    "xlsx": xlsx_response,
}
