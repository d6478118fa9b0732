"""Opening balances from a file: its lines as what a form would have been filled with."""

from typing import Any

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Invalid
from servicemgmt.core.setup.importing import MAX_BYTES, csv_lines, xlsx_lines

MOST_LINES = 500
COLUMNS = ("account", "debit", "credit", "text")


def read_opening(name: str, content: bytes) -> list[dict[str, str]]:
    """The lines of a CSV or XLSX file whose head names account, debit, credit and perhaps text, in any order."""
    labels = (_("Account"), _("Debit"), _("Credit"), _("Text"))
    return read_lines(name, content, dict(zip(COLUMNS, labels, strict=True)), optional=1)


def read_lines(name: str, content: bytes, columns: dict[str, str], *, optional: int) -> list[dict[str, str]]:
    """The lines of a CSV or XLSX file whose head names `columns` (name to label), in any order; the last `optional`
    of them may be missing.

    Raises Invalid (field `file`) with what is wrong with the file; what is wrong with a line the form says.
    """
    if len(content) > MAX_BYTES:
        raise Invalid(_("The file is larger than 2 MB. Split it."), field="file")
    is_book = content[:2] == b"PK" or name.lower().endswith(".xlsx")
    lines = [line for line in (xlsx_lines if is_book else csv_lines)(content) if any(map(text_of, line))]
    if len(lines) < 2:
        raise Invalid(_("The file has no lines below its head."), field="file")
    if len(lines) > MOST_LINES + 1:
        raise Invalid(_("The file has more than 500 lines."), field="file")
    head = columns_of(lines[0], columns, optional)
    return [dict(zip(head, map(text_of, line), strict=False)) for line in lines[1:]]


def columns_of(head: list[Any], columns: dict[str, str], optional: int) -> list[str]:
    """Which of our columns each of the file's is; by its name or its label, whatever the case."""
    known = {name: name for name in columns} | {label.casefold(): name for name, label in columns.items()}
    found = [known.get(text_of(cell).casefold(), "") for cell in head]
    missing = [name for name in list(columns)[: len(columns) - optional] if name not in found]
    if missing:
        raise Invalid(
            _("The first line must name the columns %(columns)s; %(names)s is missing.")
            % {"columns": ", ".join(columns), "names": ", ".join(missing)},
            field="file",
        )
    return found


def text_of(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
