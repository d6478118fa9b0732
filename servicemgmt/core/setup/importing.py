"""Reading masters from a file: a table whose head names the fields, each line made into values of the model."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO
from zipfile import BadZipFile

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..errors import Invalid, Refused
from ..export import DANGEROUS
from ..forms import dress_field
from .registry import Setup, field_of
from .spec import name_field

MAX_BYTES, MAX_ROWS, MAX_COLUMNS, MAX_CELL = 2 * 1024 * 1024, 2000, 60, 4000
YES = {"yes", "true", "1", "x", "y", "on"}
NO = {"no", "false", "0", "", "n", "off"}

type Line = list[Any]


@dataclass(frozen=True)
class Table:
    """What a file holds: the fields its head names, and its lines with their numbers in the file."""

    fields: list[str]
    lines: list[tuple[int, Line]]


def read_table(setup: Setup, name: str, file: BinaryIO) -> Table:
    """The file as a table of this master. Raises Invalid (field `file`) with what is wrong with it."""
    content = file.read(MAX_BYTES + 1)
    if not content.strip():
        raise Invalid(_("The file is empty."), field="file")
    if len(content) > MAX_BYTES:
        raise Invalid(_("The file is larger than 2 MB. Split it."), field="file")
    lines = (
        xlsx_lines(content) if content[:2] == b"PK" or name.lower().endswith(".xlsx") else csv_lines(content)
    )
    numbered = [
        (n, line) for n, line in enumerate(lines, start=1) if any(cell not in (None, "") for cell in line)
    ]
    if not numbered:
        raise Invalid(_("The file is empty."), field="file")
    if len(numbered) > MAX_ROWS + 1:
        raise Invalid(_("The file has more than 2,000 lines. Split it."), field="file")
    fields = head_fields(setup, numbered[0][1])
    return Table(fields, numbered[1:])


def csv_lines(content: bytes) -> Iterator[Line]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(
            _("The file is not UTF-8 text. Save it as “CSV UTF-8” or as XLSX."), field="file"
        ) from None
    if "\0" in text:
        raise Invalid(_("The file is not text."), field="file")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield [unprotected(cell) for cell in checked(line)]
    except csv.Error as error:
        raise Invalid(
            _("The file is not a readable CSV: %(error)s.") % {"error": error}, field="file"
        ) from None


def xlsx_lines(content: bytes) -> Iterator[Line]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for line in sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True):
            yield checked(list(line))
    except (BadZipFile, KeyError, ValueError, OSError, IndexError) as error:
        raise Invalid(_("The file is not a readable Excel workbook."), field="file") from error


def checked(line: Line) -> Line:
    """The line without the empty cells at its end, refused where it is too wide or a cell too long."""
    while line and line[-1] in (None, ""):
        line = line[:-1]
    if len(line) > MAX_COLUMNS or any(isinstance(cell, str) and len(cell) > MAX_CELL for cell in line):
        raise Invalid(_("The file has a line that is too long to be read."), field="file")
    return line


def unprotected(cell: str) -> str:
    """The cell without the apostrophe our own export puts before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell


def head_fields(setup: Setup, head: Line) -> list[str]:
    """Which field each column of the head means; by its name or its label, whatever the case."""
    known = {}
    for name in setup.imported:
        known[name] = name
        known[str(field_of(setup.model, name).verbose_name).casefold()] = name
    found = []
    for cell in head:
        text = str(cell or "").strip()
        if text.casefold() not in known:
            names = ", ".join(setup.imported)
            raise Invalid(
                _("There is no field “%(name)s”. The first line names the fields: %(names)s.")
                % {"name": text[:60], "names": names},
                field="file",
            )
        found.append(known[text.casefold()])
    if len(set(found)) < len(found):
        raise Invalid(_("The first line names a field twice."), field="file")
    missing = [name for name in setup.key if name not in found]
    if missing and not setup.single:
        raise Invalid(_("The file needs the column “%(name)s”.") % {"name": missing[0]}, field="file")
    return found


def values_of(setup: Setup, fields: Sequence[str], line: Line) -> dict[str, Any]:
    """The line as values of the model. Raises Invalid at the first field that cannot be read."""
    values = {}
    for at, name in enumerate(fields):
        values[name] = value_of(setup.model._meta.get_field(name), line[at] if at < len(line) else "")
    return values


def value_of(field: Any, cell: Any) -> Any:
    """One cell as a value of the field."""
    if isinstance(cell, str):
        cell = cell.strip()
    label = capfirst(field.verbose_name)
    try:
        if field.is_relation:
            return related(field, cell)
        if isinstance(field, models.BooleanField):
            return truth(cell)
        if isinstance(cell, datetime) and not isinstance(field, models.DateTimeField):
            cell = cell.date()
        if cell in (None, ""):
            return empty(field)
        if field.choices:
            return choice(field, str(cell))
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        form_field = field.formfield(localize=False)
        dress_field(form_field)
        return form_field.clean(cell if isinstance(cell, date) else str(cell))
    except ValidationError as error:
        raise Invalid(f"{label}: {' '.join(error.messages)}", field=field.name) from error


def empty(field: Any) -> Any:
    """What an empty cell means: the default, nothing, or that something is missing."""
    if field.has_default():
        return field.get_default()
    if field.null:
        return None
    if field.blank:
        return ""
    raise ValidationError(_("This must not be empty."))


def truth(cell: Any) -> bool:
    if isinstance(cell, bool):
        return cell
    text = str(cell if cell is not None else "").strip().casefold()
    if text in YES | {_("yes").casefold()}:
        return True
    if text in NO | {_("no").casefold()}:
        return False
    raise ValidationError(_("“%(text)s” is neither yes nor no.") % {"text": cell})


def choice(field: Any, text: str) -> Any:
    for value, label in field.flatchoices:
        if text.casefold() in (str(value).casefold(), str(label).casefold()):
            return value
    names = ", ".join(str(value) for value, _label in field.flatchoices)
    raise ValidationError(_("“%(text)s” is none of %(names)s.") % {"text": text, "names": names})


def related(field: Any, cell: Any) -> Any:
    """The row that the cell names by its code or number, else by its description or name."""
    text = str(cell if cell is not None else "").strip()
    if not text:
        return empty(field)
    manager = field.related_model._default_manager
    names = {f.name for f in field.related_model._meta.concrete_fields}
    for name in dict.fromkeys(
        [*(n for n in ("code", "number", "email") if n in names), name_field(field.related_model)]
    ):
        found = list(manager.filter(**{f"{name}__iexact": text})[:2]) if name != "pk" else []
        if len(found) == 1:
            return found[0]
    raise ValidationError(
        _("There is no %(thing)s “%(text)s”.")
        % {"thing": field.related_model._meta.verbose_name, "text": text}
    )


def row_meant(setup: Setup, values: dict[str, Any]) -> Any:
    """The key of the row a line means, or None where it is new."""
    manager: Any = setup.model._default_manager
    if setup.single:
        return manager.values_list("pk", flat=True).first()
    wanted = {name: values[name] for name in setup.key}
    return manager.filter(**wanted).values_list("pk", flat=True).first() if wanted else None


def refusal_of(error: Exception) -> str:
    return str(error) if isinstance(error, Refused) else _("This line cannot be read.")
