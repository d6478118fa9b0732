"""Keeping small masters: every write of the setup pages and of imports goes through here."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, cast

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ..audit import Changes, changed, record, snapshot
from ..constraints import readable, sentence_of
from ..errors import Invalid, Refused, Stale, constraint_of
from ..models import User
from ..setup.registry import Child, Setup, field_of

type Values = Mapping[str, Any]
#: {child's model name: the rows that shall be there afterwards, each {field: value}, with `pk` where it exists}
type ChildRows = Mapping[str, Sequence[Values]]


@transaction.atomic
def save_master(
    setup: Setup,
    pk: Any,
    *,
    values: Values,
    by: User | None,
    version: int | None,
    children: ChildRows | None = None,
) -> models.Model:
    """Make (pk None) or change a master and the children named, and record what changed; no change writes nothing.

    `version` is the one the row was read at; None skips the comparison (imports). Children not named stay as they are.
    Raises Stale, Invalid at a field, or Refused where a constraint or the master's own rule says no.
    """
    row: Any = setup.model() if pk is None else locked(setup, pk, version)
    names = [name for name in values if pk is None or name not in setup.fixed]
    before = {} if pk is None else snapshot(row, names)
    for name in names:
        setattr(row, name, values[name])
    changes = changed(before, snapshot(row, names)) if pk is not None else {}
    with understood(setup):
        check(setup, row, by)
        if pk is None:
            row.save(force_insert=True)
        changes |= save_children(setup, row, children or {})
        if pk is not None and changes:
            row.version += 1
            row.save(update_fields=[*names, "version"])
    if pk is None:
        created = {
            name: [None, value] for name, value in snapshot(row, names).items() if value not in (None, "")
        }
        record("created", row, by=by, changes=created | changes)
    elif changes:
        record("changed", row, by=by, changes=changes)
    return cast(models.Model, row)


def end_master(
    setup: Setup, pk: Any, *, on: date | None, version: int | None, by: User | None
) -> models.Model:
    """Offer the master no more from that day on (None: offer it again). Documents that use it keep it."""
    return save_master(setup, pk, values={"ended_on": on}, version=version, by=by)


@transaction.atomic
def delete_master(setup: Setup, pk: Any, *, version: int | None, by: User | None) -> None:
    """Delete a master that nothing uses, with its children. Refused, naming what uses it, where something does."""
    row = locked(setup, pk, version)
    if not setup.can_delete or setup.single:
        raise Refused(_("%(thing)s cannot be deleted.") % {"thing": capfirst(setup.thing)})
    own = {setup.model, *(child.model for child in setup.children)}
    collector = Collector(using="default", origin=row)
    try:
        collector.collect([row])
        used = {
            model: len(rows)
            for model, rows in cast(dict[Any, Any], collector.data).items()
            if model not in own
        }
        used |= {
            q.model: n
            for q in cast(list[Any], collector.fast_deletes)
            if q.model not in own and (n := q.count())
        }
        if used:
            raise Refused(used_by(row, used))
        record(
            "deleted",
            row,
            by=by,
            changes={n: [v, None] for n, v in snapshot(row, list(setup.fields)).items()},
        )
        with understood(setup):
            row.delete()
    except (ProtectedError, RestrictedError) as error:
        users: Any = getattr(error, "protected_objects", None) or getattr(error, "restricted_objects", ())
        counts: dict[Any, int] = {}
        for user in users:
            counts[type(user)] = counts.get(type(user), 0) + 1
        raise Refused(used_by(row, counts)) from error


def used_by(row: models.Model, counts: Mapping[Any, int]) -> str:
    """“Net 30” is used by 3 customers, 1 invoice. …"""
    names = [
        f"{n} {model._meta.verbose_name if n == 1 else model._meta.verbose_name_plural}"
        for model, n in sorted(counts.items(), key=lambda pair: str(pair[0]._meta.verbose_name))
    ]
    return _(
        "“%(row)s” cannot be deleted: it is used by %(users)s. End it instead; then it is offered no more."
    ) % {
        "row": row,
        "users": ", ".join(names),
    }


def locked(setup: Setup, pk: Any, version: int | None) -> Any:
    """The row, locked, if it still is as it was read."""
    manager: Any = setup.model._default_manager
    row = manager.select_for_update(of=["self"], no_key=True).filter(pk=pk).first()
    if row is None:
        raise Stale(_("It was deleted by someone else meanwhile."))
    if version is not None and row.version != version:
        raise Stale(
            _("“%(row)s” was changed by someone else meanwhile. This is how it stands now.") % {"row": row}
        )
    return row


def check(setup: Setup, row: models.Model, by: User | None) -> None:
    """Everything that can be known to be wrong before the database is asked."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise invalid(setup, error, row) from error
    if setup.clean:
        setup.clean(row, by)


def invalid(setup: Setup, error: ValidationError, row: models.Model) -> Invalid:
    """The first thing a validation found, at its field; a constraint's own sentence where the setup has one."""
    for name, errors in error.error_dict.items():
        where, text = readable(" ".join(errors[0].messages), row, setup.sentences)
        name = where or name
        if name == NON_FIELD_ERRORS:
            return Invalid(text)
        label = capfirst(field_of(setup.model, name).verbose_name)
        return Invalid(f"{label}: {text}" if name not in setup.fields else text, field=name)
    return Invalid(" ".join(error.messages))


@contextmanager
def understood(setup: Setup) -> Iterator[None]:
    """Turn what the database refuses into a sentence, also what it would refuse at the end of the transaction; that
    stays usable."""
    try:
        with transaction.atomic():
            yield
            connection.check_constraints()
    except DatabaseError as error:
        name = constraint_of(error)
        if not name and not isinstance(error, IntegrityError):
            raise
        raise Refused(sentence_of(name or "a rule of the database", setup.sentences)) from error


def save_children(setup: Setup, row: models.Model, wanted: ChildRows) -> Changes:
    changes: Changes = {}
    for child in setup.children:
        if child.name in wanted:
            before, after = replace_children(setup, child, row, wanted[child.name])
            if before != after:
                changes[child.name] = [before, after]
    return changes


def replace_children(
    setup: Setup, child: Child, row: models.Model, wanted: Sequence[Values]
) -> tuple[list[str], list[str]]:
    """Let the child rows be those wanted. Rows that differ are deleted and made anew, so that two openings may change
    places without overlapping on the way. Gives them as text, before and after."""
    link = child.link_to(setup.model)
    existing = {
        c.pk: c for c in child.model._default_manager.filter(**{link: row}).select_for_update(no_key=True)
    }
    kept = {w["pk"] for w in wanted if w.get("pk") in existing and same(existing[w["pk"]], w, child)}
    before = [str(c) for c in existing.values()]
    for pk, old in existing.items():
        if pk not in kept:
            old.delete()
    for values in wanted:
        if values.get("pk") in kept:
            continue
        new = child.model(**{link: row}, **{name: values[name] for name in child.fields})
        try:
            new.full_clean()
        except ValidationError as error:
            _where, text = readable(" ".join(error.messages), new, setup.sentences)
            raise Invalid(f"{child.title}: {text}") from error
        new.save(force_insert=True)
    if {w.get("pk") for w in wanted} == set(existing) == kept:
        return before, before
    return before, [str(c) for c in child.model._default_manager.filter(**{link: row})]


def same(existing: models.Model, values: Values, child: Child) -> bool:
    return all(getattr(existing, name) == values[name] for name in child.fields)
