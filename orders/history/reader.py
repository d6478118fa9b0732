"""Reading a file of history: the whole file is refused, or every row is either good or has a column and a reason."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from servicemgmt.core.errors import Invalid
from servicemgmt.core.forms import plausible

from ..models import HistoryMapping

MAX_LINE_BYTES = 64 * 1024
MAX_TEXT = 250
FORMULA_STARTS = ("=", "@", "\t", "\r")


@dataclass(frozen=True)
class Row:
    """One row of the file. `line` is where it begins, counted as an editor does; a refused row has a problem."""

    line: int
    asset: str = ""
    done_on: date | None = None
    text: str = ""
    type: str = ""
    cost: Decimal | None = None
    identity: str = ""
    column: str = ""
    problem: str = ""


class Unreadable(ValueError):
    """A cell that cannot be understood: its column and why."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column, self.problem = column, problem


def read(file: BinaryIO, mapping: HistoryMapping, source: str, digits: int) -> Iterator[Row]:
    """The rows of a CSV file in UTF-8, streamed; `digits` are the decimals that the currency of the costs has.

    Raises Invalid – before or while the rows come – where the file as a whole cannot be taken: empty, not UTF-8,
    without the mapping's columns, with a line over 64 KB, or with a cell that a spreadsheet would run as a formula.
    """
    reader = csv.reader(_lines(file), delimiter=mapping.delimiter, strict=True)
    try:
        header = _header(reader, mapping)
        seen: Counter[tuple[str, ...]] = Counter()
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            _refuse_formulas(line, header, cells)
            yield _row(line, header, cells, mapping, source, digits, seen)
    except csv.Error as error:
        raise Invalid(
            _("Line %(line)s is not valid CSV: %(error)s.") % {"line": reader.line_num, "error": error},
            field="file",
        ) from error


def _lines(file: BinaryIO) -> Iterator[str]:
    """The file's lines as text, without reading more than a bounded piece at a time."""
    number = 0
    stream = io.BufferedReader(file) if isinstance(file, io.RawIOBase) else file
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            raise Invalid(
                _("Line %(line)s is longer than 64 KB; this is not a file of work orders.")
                % {"line": number},
                field="file",
            )
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise Invalid(
                _("Line %(line)s is not UTF-8 text. Save the file as CSV in UTF-8 and try again.")
                % {"line": number},
                field="file",
            ) from error
    if not number:
        raise Invalid(_("The file is empty."), field="file")


def _header(reader: Iterator[list[str]], mapping: HistoryMapping) -> dict[str, int]:
    names = [cell.strip() for cell in next(reader, [])]
    wanted = [
        mapping.date_column,
        mapping.asset_column,
        mapping.text_column,
        mapping.type_column,
        mapping.cost_column,
    ]
    if missing := [name for name in wanted if name not in names]:
        raise Invalid(
            _("The mapping “%(mapping)s” needs the columns %(missing)s, and the first line has %(found)s.")
            % {
                "mapping": mapping,
                "missing": ", ".join(missing),
                "found": ", ".join(name[:40] for name in names[:12]) or _("nothing"),
            },
            field="file",
        )
    return {name: names.index(name) for name in wanted}


def _refuse_formulas(line: int, header: dict[str, int], cells: list[str]) -> None:
    for index, cell in enumerate(cells):
        if cell.startswith(FORMULA_STARTS):
            column = next((name for name, at in header.items() if at == index), str(index + 1))
            raise Invalid(
                _("Line %(line)s, column %(column)s holds a spreadsheet formula. Nothing was imported.")
                % {"line": line, "column": column},
                field="file",
            )


def _row(
    line: int,
    header: dict[str, int],
    cells: list[str],
    mapping: HistoryMapping,
    source: str,
    digits: int,
    seen: Counter[tuple[str, ...]],
) -> Row:
    try:
        found = _parse(line, header, cells, mapping, digits)
    except Unreadable as bad:
        return Row(line, column=bad.column, problem=bad.problem[:MAX_TEXT])
    key = (
        source,
        found.asset,
        str(found.done_on),
        found.text,
        found.type,
        format(found.cost or Decimal(), "f"),
    )
    seen[key] += 1
    digest = hashlib.sha256("\x1f".join((*key, str(seen[key]))).encode()).hexdigest()
    return Row(line, found.asset, found.done_on, found.text, found.type, found.cost, digest)


def _parse(line: int, header: dict[str, int], cells: list[str], mapping: HistoryMapping, digits: int) -> Row:
    def cell(column: str) -> str:
        index = header[column]
        if index >= len(cells):
            raise Unreadable(column, _("The row has no such cell."))
        return cells[index].strip()

    asset, text = cell(mapping.asset_column), cell(mapping.text_column)
    if not asset:
        raise Unreadable(mapping.asset_column, _("There is no asset."))
    for column, value, limit in (
        (mapping.asset_column, asset, 60),
        (mapping.text_column, text, MAX_TEXT),
        (mapping.type_column, cell(mapping.type_column), 60),
    ):
        if len(value) > limit:
            raise Unreadable(column, _("Longer than %(limit)s characters.") % {"limit": limit})
        if "\x00" in value:
            raise Unreadable(column, _("Holds a character that cannot be stored."))
    return Row(
        line,
        asset,
        _date(mapping, cell(mapping.date_column)),
        text,
        cell(mapping.type_column),
        _cost(mapping, cell(mapping.cost_column), digits),
    )


def _date(mapping: HistoryMapping, text: str) -> date:
    try:
        day = datetime.strptime(text, mapping.date_format).date()  # noqa: DTZ007 – a date, never an instant
        plausible(day)
        return day
    except (ValueError, ValidationError):
        raise Unreadable(mapping.date_column, _("“%(text)s” is not a date.") % {"text": text}) from None


def _cost(mapping: HistoryMapping, text: str, digits: int) -> Decimal:
    """An amount with at most that many digits; a negative one is a correction and valid."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= Decimal("1e12"):
        raise Unreadable(mapping.cost_column, _("“%(text)s” is not an amount.") % {"text": text})
    if amount != round(amount, digits):
        raise Unreadable(
            mapping.cost_column,
            _("“%(text)s” has more than %(digits)s decimals.") % {"text": text, "digits": digits},
        )
    return round(amount, digits)
