"""Short spellings of the constraints that nearly every table carries. A name is a sentence."""

from collections.abc import Iterable, Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from .errors import Sentence


def one_of(name: str, field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """The column holds one of the choices; the CHECK that belongs to every `choices`."""
    return models.CheckConstraint(
        name=name, condition=Q(**{f"{field}__in": [value for value, _ in choices.choices]})
    )


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


def readable(text: str, found: Iterable[type[models.Model]], sentences: Mapping[str, Sentence]) -> str:
    """A validation's text; where Django only quotes a constraint's name, the sentence of that constraint."""
    for model in found:
        for constraint in model._meta.constraints:
            if f"“{constraint.name}”" in text:
                return sentence_of(constraint.name, sentences)
    return text
