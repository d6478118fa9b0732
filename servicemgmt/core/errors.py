"""What an operation says when it will not do something, and how the database's own refusals become sentences."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError
from django.utils.functional import Promise

type Sentence = str | Promise


class Refused(Exception):
    """A rule says no. The message is a sentence its reader can act on; nothing was changed (answered as 409)."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class Stale(Refused):
    """The row was changed since the page was read; the answer shows its present state."""


class Invalid(Refused):
    """What was typed cannot be right; `field` says where (answered as 422)."""

    def __init__(self, sentence: Sentence, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


@contextmanager
def refusing(**sentences: Sentence) -> Iterator[None]:
    """Turn a violated constraint into Refused with the sentence given under the constraint's name.

    No savepoint: the refusal ends the operation, whose own `atomic` takes back what it did. Who goes on after a refusal
    in the same transaction puts `transaction.atomic()` before this. Constraints not named are re-raised.
    """
    try:
        yield
    except (IntegrityError, DatabaseError) as error:
        name = constraint_of(error)
        if name in sentences:
            raise Refused(sentences[name]) from error
        raise


def constraint_of(error: BaseException) -> str:
    """The name of the constraint a database error is about, or ''."""
    diag = getattr(error.__cause__, "diag", None)
    return (getattr(diag, "constraint_name", None) or "") if diag else ""
