"""What else recognising can be narrowed to. Apps to the right of this one name what they know of a slice's transaction:
subscriptions their groups."""

from dataclasses import dataclass

from django.db.models import Model

from servicemgmt.core.errors import Sentence


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of `model` that slices can be chosen by; `path` leads to it from a transaction."""

    name: str
    label: Sentence
    model: type[Model]
    path: str
    all_label: Sentence


CHOICES: dict[str, Choice] = {}


def register(choice: Choice) -> None:
    """Offer the choice on the form and to the run; called when the app is ready."""
    CHOICES[choice.name] = choice
