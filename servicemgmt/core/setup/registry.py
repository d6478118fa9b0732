"""What a master is to the setup pages. Each app declares its own in its `setup` module."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, Model, UniqueConstraint
from django.utils.text import capfirst

from ..audit import register_subject
from ..errors import Sentence
from ..models import User


@dataclass(frozen=True)
class Child:
    """Rows that belong to a master and are edited with it, such as the hours of a calendar.

    They are the master's own: saving replaces those that differ. `blank_rows` empty lines are offered for new ones.
    `clocks` are {field of minutes from midnight: its label}; they are typed and shown as times of day.
    """

    model: type[Model]
    fields: Sequence[str]
    label: Sentence = ""
    help: Sentence = ""
    blank_rows: int = 3
    clocks: Mapping[str, Sentence] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.model._meta.model_name or ""

    @property
    def title(self) -> str:
        return str(self.label or capfirst(self.model._meta.verbose_name_plural))

    def link_to(self, parent: type[Model]) -> str:
        """The name of the foreign key to the master."""
        for found in self.model._meta.concrete_fields:
            if isinstance(found, ForeignKey) and found.related_model is parent:
                return found.name
        raise ValueError(f"{self.model.__name__} has no foreign key to {parent.__name__}")


@dataclass(frozen=True)
class Setup:
    """A master and how it is kept. Permissions are Django's own of the model.

    `fields` are edited and imported; `columns` (default: the first seven fields) are listed. `clean(row, by)` may raise
    Refused or Invalid before a save. `sentences` are {constraint: what to say}. `single` is a master of exactly one
    row, which can be made once and not deleted here. `identity` names the fields an import knows a row by (default:
    the code, a text key, or the first unique constraint). `fixed` fields are set when the row is made and never again.
    `needed_with` is {field: (another field, its values with which it is needed)}: with others the form hides it.
    `explain(row, on)` says in sentences what a saved row means, seen from the day `on`.
    """

    model: type[Model]
    section: Sentence
    fields: Sequence[str]
    columns: Sequence[str] = ()
    help: Sentence = ""
    children: Sequence[Child] = ()
    clean: Callable[[Any, User | None], None] | None = None
    sentences: Mapping[str, Sentence] = field(default_factory=dict)
    single: bool = False
    identity: Sequence[str] = ()
    fixed: Sequence[str] = ()
    can_delete: bool = True
    default_sort: str = ""
    needed_with: Mapping[str, tuple[str, Sequence[str]]] = field(default_factory=dict)
    explain: Callable[[Any, date], Sequence[Sentence]] | None = None

    @property
    def name(self) -> str:
        return self.model._meta.model_name or ""

    @property
    def title(self) -> str:
        return str(capfirst(self.model._meta.verbose_name_plural))

    @property
    def thing(self) -> str:
        """One of them, in running text."""
        return str(self.model._meta.verbose_name)

    @cached_property
    def has_end(self) -> bool:
        return has_field(self.model, "ended_on")

    @property
    def listed(self) -> Sequence[str]:
        return self.columns or self.fields[:7]

    @property
    def imported(self) -> list[str]:
        """The fields an import may fill: the form's, and the end where there is one."""
        extra = ["ended_on"] if self.has_end and "ended_on" not in self.fields else []
        return [*self.fields, *extra]

    @cached_property
    def key(self) -> list[str]:
        """The fields that say which row an imported line means."""
        if self.identity:
            return list(self.identity)
        if has_field(self.model, "code") and field_of(self.model, "code").unique:
            return ["code"]
        if self.model._meta.pk.name in self.fields:
            return [self.model._meta.pk.name]
        for constraint in self.model._meta.constraints:
            if isinstance(constraint, UniqueConstraint) and constraint.fields and not constraint.condition:
                return list(constraint.fields)
        return [name for name in self.fields if field_of(self.model, name).unique][:1]

    def permission(self, verb: str) -> str:
        """The name of Django's permission to view, add, change or delete."""
        return f"{self.model._meta.app_label}.{verb}_{self.name}"

    def allows(self, user: User, verb: str) -> bool:
        """Whether the user may do that here."""
        if verb == "delete" and (self.single or not self.can_delete):
            return False
        if verb == "add" and self.single and self.model._default_manager.exists():
            return False
        return user.has_perm(self.permission(verb))


SETUPS: dict[str, Setup] = {}


def register(setup: Setup) -> Setup:
    """Make a master known to the setup pages, and its history to the audit trail."""
    SETUPS[setup.name] = setup
    register_subject(
        setup.name,
        permission=setup.permission("view"),
        url=lambda pk: ("core:setup_edit", [setup.name, pk]),
        label=setup.model._meta.verbose_name or "",
    )
    return setup


def field_of(model: type[Model], name: str) -> Any:
    return model._meta.get_field(name)


def has_field(model: type[Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
