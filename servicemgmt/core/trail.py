"""The audit trail in words people read: actions, fields and values by their names."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import display
from .audit import SUBJECTS
from .errors import Sentence
from .models import Event

#: What actions are called; others are read as they are spelled (stage_changed → Stage changed).
ACTIONS: dict[str, Sentence] = {
    "created": gettext_lazy("Created"),
    "changed": gettext_lazy("Changed"),
    "deleted": gettext_lazy("Deleted"),
    "run_started": gettext_lazy("Run started"),
    "run_finished": gettext_lazy("Run finished"),
    "run_cancelled": gettext_lazy("Run cancelled"),
    "run_failed": gettext_lazy("Run failed"),
    "document_kept": gettext_lazy("Document archived"),
}
#: What (subject, recorded name) is called where the subject has no such field.
FIELDS: dict[tuple[str, str], Sentence] = {}
#: Whose field “line 3: quantity” names, by subject.
CHILDREN: dict[str, str] = {}
ICONS = {"created": "plus", "deleted": "trash-2", "changed": "pencil"}
TONES = {"created": "green", "deleted": "red", "run_failed": "red"}


def name_actions(names: Mapping[str, Sentence]) -> None:
    """Say what an app's actions are called in the trail."""
    ACTIONS.update(names)


def name_fields(subject: str, names: Mapping[str, Sentence]) -> None:
    """Say what recorded names are called that are no fields of the subject itself, such as those of its lines."""
    FIELDS.update({(subject, name): label for name, label in names.items()})


def name_child(subject: str, model: str) -> None:
    """Say whose fields the names with a row in front are, such as “line 3: quantity” of an agreement."""
    CHILDREN[subject] = model


def action_label(action: str) -> str:
    return str(ACTIONS.get(action) or capfirst(action.replace("_", " ")))


@cache
def model_named(name: str) -> Any:
    return next((model for model in apps.get_models() if model._meta.model_name == name), None)


def subject_label(name: str) -> str:
    """What a kind of subject is called: the name given at registration, else the model's."""
    known = SUBJECTS.get(name)
    model = model_named(name)
    return str(capfirst(str((known and known.label) or (model and model._meta.verbose_name) or name)))


def field_of(subject: str, name: str) -> Any:
    owner, (_row, _colon, of_child) = subject.partition(":")[0], name.partition(": ")
    if of_child and owner in CHILDREN:
        owner, name = CHILDREN[owner], of_child
    model = model_named(owner)
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def field_label(subject: str, name: str) -> str:
    """The field's own name; of a child's rows what they are called together; else the word made readable."""
    given = FIELDS.get((subject.partition(":")[0], name))
    if given:
        return str(capfirst(str(given)))
    field, model = field_of(subject, name), model_named(name)
    if field is not None and hasattr(field, "verbose_name"):
        row, colon, _of_child = name.partition(": ")
        return str(capfirst(f"{row}: {field.verbose_name}" if colon else field.verbose_name))
    if model is not None:
        return str(capfirst(model._meta.verbose_name_plural))
    return str(capfirst(name.replace("_", " ")))


def value_text(subject: str, name: str, value: Any) -> str:
    """A recorded value as people read it: choices by their label, yes and no, lists with commas."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_text(subject, name, part) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {value_text(subject, name, part)}" for key, part in value.items())
    field = field_of(subject, name)
    if field is not None and getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(value, value))
    return display.recorded(str(value))


def changes_of(subject: str, changes: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(field, old, new) in words. What was not recorded as a pair is shown as the new value."""
    found = []
    for name, pair in changes.items():
        old, new = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        found.append(
            (field_label(subject, name), value_text(subject, name, old), value_text(subject, name, new))
        )
    return found


def changes_text(row: Mapping[str, Any]) -> str:
    """All changes of an event in one line."""
    parts = []
    for label, old, new in changes_of(row["subject"], row["changes"]):
        parts.append(f"{label}: {old} → {new or '–'}" if old else f"{label}: {new or '–'}")
    return "; ".join(parts)


def described(event: Event) -> dict[str, Any]:
    """The event as components/timeline.html shows it."""
    return {
        "at": event.at,
        "actor": event.actor_name,
        "text": action_label(event.action),
        "changes": changes_of(event.subject, event.changes),
        "icon": ICONS.get(event.action, "history"),
        "tone": TONES.get(event.action, ""),
        "url": reverse("core:run", args=[event.run_id]) if event.run_id else "",
    }
