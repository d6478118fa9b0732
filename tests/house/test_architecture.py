"""The tests that keep the house: imports point left, every view says who may enter, nothing waits to be migrated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
#: The one total order (docs/architecture): an app imports only from those left of it.
ORDER = [
    "servicemgmt.core",
    "servicemgmt.masterdata",
    "servicemgmt.ledger",
    "servicemgmt.inventory",
    "servicemgmt.projects",
    "agreements",
    "subscriptions",
    "orders",
    "dispatch",
    "reporting",
]
#: Of the composition root the apps may know only what is named here.
OF_THE_ROOT = {"servicemgmt.core", *(app for app in ORDER if app.startswith("servicemgmt."))}


def imported(path: Path) -> Iterator[str]:
    """Every module a file imports, absolute, also inside functions."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: -node.level]
            yield ".".join([*base, *(node.module or "").split(".")]).rstrip(".")


def sources(app: str) -> list[Path]:
    return [path for path in (ROOT / app.replace(".", "/")).rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("app", ORDER)
def test_imports_point_left_only(app):
    right = ORDER[ORDER.index(app) + 1 :]
    for path in sources(app):
        for name in imported(path):
            for other in right:
                assert name != other and not name.startswith(f"{other}."), f"{path.relative_to(ROOT)}: {name}"


@pytest.mark.parametrize("app", ORDER)
def test_no_app_imports_the_composition_root(app):
    for path in sources(app):
        for name in imported(path):
            if name.startswith("servicemgmt."):
                assert any(name == known or name.startswith(f"{known}.") for known in OF_THE_ROOT), (
                    f"{path.relative_to(ROOT)}: {name}"
                )


@pytest.mark.parametrize("app", ORDER)
def test_row_locks_let_foreign_keys_be_checked(app):
    """FOR UPDATE stops whoever checks a key at commit, and he may hold the counter of gapless numbers by then."""
    for path in sources(app):
        for call in re.findall(
            r"select_for_update\((?:[^()]|\([^()]*\))*\)", path.read_text(encoding="utf-8")
        ):
            assert "no_key=True" in call, f"{path.relative_to(ROOT)}: {call}"


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def own_views() -> list[tuple[str, object]]:
    """Every route of ours; a library's views are closed by LoginRequiredMiddleware or meant to be open."""
    found = [(route, entry.callback) for route, entry in patterns(get_resolver())]
    return [(route, view) for route, view in found if not view.__module__.startswith(("allauth.", "django."))]


def test_every_view_says_who_may_enter():
    silent = [route for route, view in own_views() if not getattr(view, "permission", None)]
    assert silent == []


def test_every_named_permission_exists(db):
    from django.contrib.auth.models import Permission

    known = {
        f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")
    }
    asked = {
        name for _route, view in own_views() for name in view.permission if "." in name and ":" not in name
    }
    assert asked - known == set()


def test_every_permission_that_a_role_is_granted_matches_something(db):
    from django.contrib.auth.models import Permission

    from servicemgmt.core.roles import GRANTS, granted

    names = [
        f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")
    ]
    for role in GRANTS:
        assert granted(role, names), role


def test_no_table_of_frozen_rows_can_be_emptied(db):
    """Triggers of rows do not see TRUNCATE; `guards.frozen` makes another beside them."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT tgrelid::regclass::text, bool_or(tgtype & 32 = 32) FROM pg_trigger
             WHERE tgfoid = 'core_frozen'::regproc AND tgtype & 40 > 0 GROUP BY tgrelid
        """)
        found = dict(cursor.fetchall())
    assert all(found.values()), found
    with pytest.raises(IntegrityError, match="core_event is frozen"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_event")


def test_no_migration_is_missing(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def ours() -> list[type[models.Model]]:
    labels = {app.rpartition(".")[2] for app in ORDER}
    return [model for model in apps.get_models() if model._meta.app_label in labels]


def checked_values(model: type[models.Model], field: str) -> bool:
    """Whether a CHECK of the model names the field."""
    return any(
        isinstance(constraint, models.CheckConstraint) and f"'{field}" in str(constraint.condition)
        for constraint in model._meta.constraints
    )


@pytest.mark.parametrize("model", ours(), ids=lambda model: model.__name__)
def test_every_choice_has_its_check(model):
    for field in model._meta.local_fields:
        if field.choices:
            assert checked_values(model, field.name), (
                f"{model.__name__}.{field.name} has choices without a CHECK"
            )


@pytest.mark.parametrize("model", ours(), ids=lambda model: model.__name__)
def test_constraint_names_are_words(model):
    for constraint in model._meta.constraints:
        assert "_" in constraint.name and constraint.name == constraint.name.lower(), constraint.name


#: Who queued a run is known before it starts; a signature may be voided by the system itself.
NO_PAIRS = {("Run", "started_at"), ("SignOff", "voided_at")}


@pytest.mark.parametrize("model", ours(), ids=lambda model: model.__name__)
def test_both_or_neither_of_who_and_when(model):
    """Columns that come in pairs (`x_at`, `x_by`) are both set or both empty, where the moment may be empty."""
    names = {field.name: field for field in model._meta.local_fields}
    for name, field in names.items():
        partner = names.get(f"{name.removesuffix('_at')}_by") if name.endswith("_at") else None
        if partner is not None and field.null and partner.null and (model.__name__, name) not in NO_PAIRS:
            assert checked_values(model, name), f"{model.__name__}.{name} without its pair"


def test_no_module_is_longer_than_four_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): count
        for app in [*ORDER, "servicemgmt"]
        for path in sources(app)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


#: What a technician may see today is of the day where he is; all else is of the company's day.
OF_THE_READERS_DAY = {"agreements/models/service_object.py", "orders/models/order.py"}


def test_work_and_money_are_of_the_company_s_day():
    """`timezone.localdate` is the reader's day, and in workers that of UTC; `company_today` is the same for all."""
    places = {
        str(path.relative_to(ROOT))
        for app in ORDER
        if app not in ("servicemgmt.core", "servicemgmt.masterdata", "dispatch")
        for path in sources(app)
        if "localdate" in path.read_text(encoding="utf-8")
    }
    assert places == OF_THE_READERS_DAY
