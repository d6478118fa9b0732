"""Projects: created, changed, closed and opened again."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from servicemgmt.core.editing import change_row, create_row
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.masterdata.models import Customer

from ..closing import kept_open_by
from ..kinds import why_not_kind
from ..models import LineProperty, Project, ProjectGroup, Transaction

#: The number sequence of projects.
SEQUENCE = "project"

#: What may not change any more once something is posted, for posted money stands in it.
FIXED_BY_POSTING = {"currency", "customer", "kind"}


@transaction.atomic
def create_project(*, by: User | None, **fields: Any) -> Project:
    """A new project, numbered from the sequence `project`.

    `fields` are the model's columns; who is invoiced is the customer unless given, the currency the customer's.
    """
    customer: Customer = fields["customer"]
    fields.setdefault("invoice_customer", customer)
    fields.setdefault("currency", customer.currency)
    _check_site(fields.get("site"), customer)
    return create_row(Project(**fields), by=by, sequence=SEQUENCE)


@transaction.atomic
def save_project(pk: int, *, version: int, by: User | None, **fields: Any) -> Project:
    """Change a project read at `version`. Raises Stale; Invalid for currency, customer or type once money is posted,

    and for a type that agreements or subscriptions cannot stand on.
    """
    before = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    for name in FIXED_BY_POSTING & set(fields):
        if getattr(before, name) != fields[name] and Transaction.objects.filter(project=before).exists():
            raise Invalid(_("Something is posted on this project already; make another project."), field=name)
    if fields.get("kind", before.kind) != before.kind and (why := why_not_kind(before, fields["kind"])):
        raise Invalid(why, field="kind")
    if "site" in fields:
        _check_site(fields["site"], fields.get("customer", before.customer))
    _insist_one_quick(before, fields.get("customer", before.customer))
    return change_row(Project, pk, version=version, by=by, fields=fields)


@transaction.atomic
def close_project(pk: int, *, version: int, on: date, by: User | None) -> Project:
    """Let no work done from `on` be posted. Raises Stale, and Refused while charged work waits for its invoice, work
    stands in a draft, or an order has lines to post (see `closing`)."""
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if reasons := kept_open_by(project):
        raise Refused(" ".join(reasons))
    return change_row(Project, pk, version=version, by=by, fields={"ended_on": on})


@transaction.atomic
def reopen_project(pk: int, *, version: int, by: User | None) -> Project:
    """Let work be posted again. Raises Stale, and Refused where the customer has another project for walk-in work."""
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    _insist_one_quick(project, project.customer)
    return change_row(Project, pk, version=version, by=by, fields={"ended_on": None})


@transaction.atomic
def quick_project(
    customer: Customer, *, by: User | None, group: ProjectGroup, line_property: LineProperty
) -> Project:
    """The customer's time-and-material project for work without an agreement, made on first use (E16).

    It is the one marked so, never another of his: those have order numbers, prices and payers of their own. Of two
    calls at once the second waits for the first.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    found: Project | None = Project.objects.filter(
        is_quick=True, customer=customer, currency=customer.currency_id, ended_on=None
    ).first()
    if found:
        return found
    name = _("Service for %(customer)s") % {"customer": customer.name}
    return create_project(
        by=by, name=name[:160], customer=customer, group=group, line_property=line_property, is_quick=True
    )


def _insist_one_quick(project: Project, customer: Customer) -> None:
    others = Project.objects.filter(
        is_quick=True, customer=customer, currency=project.currency_id, ended_on=None
    )
    if project.is_quick and others.exclude(pk=project.pk).exists():
        raise Refused(_("The customer has another project for work without an agreement."))


def _check_site(site: Any, customer: Customer) -> None:
    if site is not None and site.customer_id not in (None, customer.pk):
        raise Invalid(_("That site belongs to another customer."), field="site")
