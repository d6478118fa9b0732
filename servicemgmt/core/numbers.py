"""Document numbers. Both kinds of sequence hand out blocks of n in one statement."""

from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from .errors import Refused


def take_number(code: str, *, on: date | None = None) -> str:
    """One number; see `take_numbers`."""
    return take_numbers(code, 1, on=on)[0]


def take_numbers(code: str, count: int, *, on: date | None = None) -> list[str]:
    """The next `count` numbers of the sequence, formatted, in rising order.

    A gapless sequence needs `on`, the date of the document (its year counts), and must be called last in the
    transaction: its counter row stays locked until commit. Others may leave gaps and never wait.
    Raises Refused where the sequence does not exist (SO-A15).
    """
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [count, code])
        rows = cursor.fetchall()
        if not rows:
            raise Refused(_("There is no number sequence “%(code)s”; set it up first.") % {"code": code})
        prefix, digits, is_gapless, _number = rows[0]
        if not is_gapless:
            return [f"{prefix}{number:0{digits}}" for _prefix, _digits, _gapless, number in rows]
        if on is None:
            raise ValueError(f"{code} is gapless and needs the date of the document")
        cursor.execute("SELECT core_take_gapless(%s, %s, %s)", [code, on.year, count])
        first = cursor.fetchone()[0]
        return [f"{prefix}{on.year}-{n:0{digits}}" for n in range(first, first + count)]


#: The sequence with its next `count` numbers, one a row; a gapless one with as many rows, but no numbers yet.
NEXT = """
SELECT prefix, digits, is_gapless, CASE WHEN NOT is_gapless THEN nextval(('number_' || code)::regclass) END
FROM core_numbersequence, generate_series(1, %s) WHERE code = %s
"""
