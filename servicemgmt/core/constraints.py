"""Short spellings of the constraints and indexes that nearly every table carries. A name is a sentence."""

from collections.abc import Callable, Mapping
from datetime import date
from operator import ge, gt, le, lt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import formats
from django.utils.translation import gettext as _

from .errors import Sentence


def one_of(name: str, field: str, choices: type[models.Choices]) -> models.CheckConstraint:
    """The column holds one of the choices; the CHECK that belongs to every `choices`."""
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{field}__in": [value for value, _label in choices.choices]})
    )


def where_given(name: str, field: str) -> models.Index:
    """The index of a nullable foreign key that is seldom set (`db_index=False` there): it holds only the rows that
    have one, and costs the others nothing."""
    return models.Index(fields=[field], name=name, condition=Q(**{f"{field}__isnull": False}))


def both_or_neither(name: str, first: str, second: str) -> models.CheckConstraint:
    """Two nullable columns that only make sense together (who and when)."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
        | Q(**{f"{first}__isnull": False, f"{second}__isnull": False}),
    )


def at_least(name: str, field: str, least: int) -> models.CheckConstraint:
    """The column is `least` or more (NULL passes)."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__gte": least}))


def not_before(name: str, start: str, end: str) -> models.CheckConstraint:
    """The end, where there is one, is on or after the start (inclusive dates)."""
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": models.F(start)})
    )


def sentence_of(constraint: str, sentences: Mapping[str, Sentence]) -> str:
    """What to say of a violated constraint: the sentence given for it, else its name, which nearly is one."""
    if constraint in sentences:
        return str(sentences[constraint])
    return _("That is not possible: %(rule)s.") % {"rule": constraint.replace("_", " ")}


def readable(text: str, row: models.Model, sentences: Mapping[str, Sentence]) -> tuple[str, str]:
    """Where to say what a validation found, and what: (field or '', text).

    Where Django only quotes a constraint's name it is the sentence given for it, else what its bounds say of the row.
    """
    for constraint in row._meta.constraints:
        if f"“{constraint.name}”" not in text:
            continue
        condition = getattr(constraint, "condition", None)
        if constraint.name not in sentences and isinstance(constraint, models.CheckConstraint):
            return broken_bound(condition, row) or ("", sentence_of(constraint.name, sentences))
        return "", sentence_of(constraint.name, sentences)
    return "", text


HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {"gte": ge, "gt": gt, "lte": le, "lt": lt}


def broken_bound(condition: Any, row: models.Model) -> tuple[str, str] | None:
    """The first field of the row that is beyond a bound of the condition, and what to say of it."""
    if not isinstance(condition, Q) or condition.negated:
        return None
    for child in condition.children:
        if not isinstance(child, tuple):
            found = broken_bound(child, row)
            if found:
                return found
            continue
        field, _separator, lookup = child[0].rpartition("__")
        bound = child[1]
        limit = getattr(row, bound.name) if isinstance(bound, F) else bound  # type: ignore[attr-defined]
        value = getattr(row, field, None) if lookup in HOLDS else None
        if value is not None and limit is not None and not HOLDS[lookup](value, limit):
            return field, bound_in_words(lookup, limit)
    return None


def bound_in_words(lookup: str, limit: Any) -> str:
    """What a value has to be, as a sentence at its field."""
    if isinstance(limit, date):
        words = {"gte": _("This must not be before %(limit)s."), "gt": _("This must be after %(limit)s.")}
        words |= {"lte": _("This must not be after %(limit)s."), "lt": _("This must be before %(limit)s.")}
        return words[lookup] % {"limit": formats.date_format(limit)}
    if lookup in ("gte", "gt") and limit == 0:
        return _("This must not be negative.") if lookup == "gte" else _("This must be more than nothing.")
    words = {"gte": _("This must be %(limit)s or more."), "gt": _("This must be more than %(limit)s.")}
    words |= {"lte": _("This must be %(limit)s or less."), "lt": _("This must be less than %(limit)s.")}
    return words[lookup] % {"limit": limit}
