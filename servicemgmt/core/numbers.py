"""Document numbers. Both kinds of sequence hand out blocks of n in one statement."""

from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from .errors import Refused
from .models import NumberSequence


def take_number(code: str, *, on: date | None = None) -> str:
    """One number; see `take_numbers`."""
    return take_numbers(code, 1, on=on)[0]


def take_numbers(code: str, count: int, *, on: date | None = None) -> list[str]:
    """The next `count` numbers of the sequence, formatted, in rising order.

    A gapless sequence needs `on`, the date of the document (its year counts), and must be called last in the
    transaction: its counter row stays locked until commit. Others may leave gaps and never wait.
    Raises Refused where the sequence does not exist (SO-A15).
    """
    sequence = NumberSequence.objects.filter(pk=code).first()
    if sequence is None:
        raise Refused(_("There is no number sequence “%(code)s”; set it up first.") % {"code": code})
    with connection.cursor() as cursor:
        if sequence.is_gapless:
            if on is None:
                raise ValueError(f"{code} is gapless and needs the date of the document")
            cursor.execute("SELECT core_take_gapless(%s, %s, %s)", [code, on.year, count])
            first = cursor.fetchone()[0]
            numbers = list(range(first, first + count))
            return [f"{sequence.prefix}{on.year}-{n:0{sequence.digits}}" for n in numbers]
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"number_{code}", count])
        return [f"{sequence.prefix}{n:0{sequence.digits}}" for (n,) in cursor.fetchall()]
