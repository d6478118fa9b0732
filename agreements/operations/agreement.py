"""Verbs on the header of an agreement."""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.translation import gettext as _

from agreements.models import Renewal, ServiceAgreement, TemplateGroup
from agreements.queries import usual_activity_type, usual_group
from servicemgmt.core.audit import changed, record, snapshot
from servicemgmt.core.display import moment
from servicemgmt.core.errors import Invalid, Refused, refusing
from servicemgmt.core.models import User
from servicemgmt.core.numbers import take_number
from servicemgmt.core.stale import stale
from servicemgmt.projects.models import Project, ProjectKind
from servicemgmt.projects.queries import shares_currency

AUDITED = [
    "status", "quoted_until", "decided_on", "decision",
    "description", "group", "project", "customer", "start_date", "end_date", "end_reason", "suspended",
    "suspend_reason", "suspended_on", "renewal", "term_months", "notice_days", "prices_fixed_until",
    "predecessor", "combine_by", "template_group", "sla", "sla_on_generated_orders", "preferred_technician",
    "responsible", "contact", "activity_type", "price_list", "calendar", "closed_day",
]  # fmt: skip


def lock(agreement_id: int, *, version: int | None = None) -> ServiceAgreement:
    """The agreement, locked: everybody who writes it or its rows comes through here. Raises Stale."""
    agreement = ServiceAgreement.objects.select_for_update(of=["self"], no_key=True).get(pk=agreement_id)
    if version is not None and agreement.version != version:
        raise stale(
            _("%(number)s was changed by someone else meanwhile. This is how it stands now.")
            % {"number": agreement.number},
            agreement,
        )
    return agreement


def touch(agreement: ServiceAgreement, *fields: str) -> None:
    """Save the named fields with the next version, so that whoever has the page open learns of the change."""
    agreement.version += 1
    agreement.save(update_fields=[*fields, "version"])


@transaction.atomic
def create_agreement(*, by: User | None, **fields: Any) -> ServiceAgreement:
    """AG-01, AG-02: a new agreement, numbered from the sequence `agreement`.

    Group and activity type default to the parameters', the SLA to the group's (AG-04); the customer is the
    project's. Raises Invalid at the field (project of type Time, end before start, contact of somebody else).
    """
    agreement = draft(**fields)
    agreement.made_by = by
    agreement.number = take_number("agreement")
    agreement.save()
    told = {
        name: [None, value] for name, value in facts_of(agreement).items() if value not in (None, "", False)
    }
    record("created", agreement, by=by, changes=told)
    return agreement


def draft(**fields: Any) -> ServiceAgreement:
    """The agreement that `create_agreement` would make, unsaved and without a number. Raises Invalid at the field."""
    group = fields.pop("group", None) or usual_group()
    if group is None:
        raise Invalid(_("Choose an agreement group."), field="group")
    agreement = ServiceAgreement(group=group, **fields)
    if agreement.sla is None and group.sla and not group.sla.suspended:
        agreement.sla = group.sla
    if agreement.activity_type is None:
        agreement.activity_type = usual_activity_type()
    _complete(agreement)
    return agreement


@transaction.atomic
def change_agreement(agreement_id: int, *, version: int, by: User | None, **fields: Any) -> ServiceAgreement:
    """Change header fields. The project stays once there are orders; a template group follows AG-07.

    Another last day takes back that it was ended. Existing orders are untouched (AG-05). Raises Stale, Refused, and
    Invalid at the field, also where it would run into its successor or its predecessor.
    """
    agreement = lock(agreement_id, version=version)
    before, project_id, sla_id = facts_of(agreement), agreement.project_id, agreement.sla_id
    for name, value in fields.items():
        setattr(agreement, name, value)
    if agreement.project_id != project_id:
        _refuse_with_orders(
            agreement, _("This agreement has service orders, so its project cannot be changed.")
        )
        _refuse_with_terms(agreement, project_id)
    if agreement.is_template and not before["template_group"]:
        _refuse_with_orders(agreement, _("An agreement with service orders cannot be used as a template."))
    _complete(agreement, unchanged_sla=agreement.sla_id == sla_id)
    _keep_apart(agreement, before)
    changes = changed(before, facts_of(agreement))
    if changes:
        with refusing(
            agreement_with_subscriptions_no_template=_(
                "An agreement with subscriptions cannot be used as a template."
            )
        ):
            touch(agreement, *changes)
        record("changed", agreement, by=by, changes=changes)
    return agreement


def _refuse_with_terms(agreement: ServiceAgreement, project_id: int | None) -> None:
    """What was agreed with one customer, in one currency, does not pass to another with the project. Raises Invalid."""
    old = Project.objects.select_related("currency").filter(pk=project_id).first()
    new = agreement.project
    if old is None or new is None:
        return
    objects = agreement.object_relations.exclude(service_object__customer=new.customer_id)
    sites = agreement.lines.exclude(site__customer=new.customer_id)
    if (
        objects.filter(service_object__customer__isnull=False).exists()
        or sites.filter(site__customer__isnull=False).exists()
    ):
        raise Invalid(_("It has objects or sites of its customer; take them off first."), field="project")
    has_price = Q(sales_price__isnull=False) | Q(prices__isnull=False)
    if not shares_currency(old, new) and agreement.lines.filter(has_price).exists():
        raise Invalid(
            _("Its lines have prices in %(currency)s; take them off first.") % {"currency": old.currency},
            field="project",
        )


def make_template(
    agreement_id: int, *, template_group: TemplateGroup, version: int, by: User | None
) -> ServiceAgreement:
    """AG-07: put the agreement into a template group. Refused when it already has service orders."""
    return change_agreement(agreement_id, version=version, by=by, template_group=template_group)


@transaction.atomic
def delete_agreement(agreement_id: int, *, version: int, by: User | None) -> None:
    """AG-18: delete an agreement with its lines and relations. Refused when orders or subscriptions exist."""
    agreement = lock(agreement_id, version=version)
    _refuse_with_orders(
        agreement, _("This agreement has service orders and cannot be deleted. End it instead.")
    )
    record("deleted", agreement, by=by, changes={"number": [agreement.number, None]})
    try:
        agreement.lines.all().delete()
        with refusing(
            agreementobject_keeps_its_bom=_(
                "Objects of this agreement have service BOMs; delete them or move them to another agreement first."
            )
        ):
            agreement.delete()
    except ProtectedError as error:
        used = error.protected_objects.pop()
        raise Refused(
            _("This agreement is used by %(what)s “%(row)s” and cannot be deleted. End it instead.")
            % {"what": used._meta.verbose_name, "row": used}
        ) from error


def _complete(agreement: ServiceAgreement, *, unchanged_sla: bool = False) -> None:
    """Fill what follows from the project and refuse what cannot be."""
    project = agreement.project
    agreement.customer = project.customer if project else None
    if project is None and not agreement.is_template:
        raise Invalid(_("A service agreement needs a project, unless it is a template."), field="project")
    if project and project.kind == ProjectKind.TIME:
        raise Invalid(_("Service agreements cannot be attached to time projects."), field="project")
    if agreement.is_template and not agreement.is_agreed:
        raise Invalid(_("A template is no quote: nobody agrees to it."), field="template_group")
    if agreement.end_date and agreement.end_date < agreement.start_date:
        raise Invalid(_("The agreement would end before it starts."), field="end_date")
    _check_renewal(agreement)
    if agreement.sla and agreement.sla.suspended and not unchanged_sla:
        raise Invalid(_("This SLA is suspended; choose another."), field="sla")
    if agreement.contact and agreement.contact.customer_id != agreement.customer_id:
        raise Invalid(_("This contact belongs to another customer."), field="contact")


def _keep_apart(agreement: ServiceAgreement, before: dict[str, Any]) -> None:
    """Renewed terms follow each other: none runs into the next. Another last day takes an end that was said back."""
    now = facts_of(agreement)
    if now["end_date"] != before["end_date"]:
        if is_renewed(agreement):
            raise Invalid(
                _("The agreement is renewed already; change the last day of its successor instead."),
                field="end_date",
            )
        if not agreement.notice_on:
            agreement.end_reason = ""
    earlier = agreement.predecessor
    if now["start_date"] == before["start_date"] or earlier is None or earlier.end_date is None:
        return
    if agreement.start_date <= earlier.end_date:
        raise Invalid(
            _("%(number)s, which it renews, runs until %(day)s.")
            % {"number": earlier.number, "day": moment(earlier.end_date)},
            field="start_date",
        )


def is_renewed(agreement: ServiceAgreement) -> bool:
    """Whether it has a successor."""
    return ServiceAgreement.objects.filter(predecessor=agreement).exists()


def _check_renewal(agreement: ServiceAgreement) -> None:
    """A renewal needs an end to follow and a term, and templates have none."""
    if agreement.renewal == Renewal.NONE:
        return
    if agreement.is_template:
        raise Invalid(_("A template is not renewed."), field="renewal")
    if agreement.end_date is None:
        raise Invalid(_("Enter the last day, so that it is known when to renew."), field="end_date")
    if not agreement.term_months or agreement.term_months > 120:
        raise Invalid(_("Enter for how many months it is renewed, at most 120."), field="term_months")


def _refuse_with_orders(agreement: ServiceAgreement, sentence: str) -> None:
    if agreement.orders.exists():
        raise Refused(sentence)


def facts_of(agreement: ServiceAgreement) -> dict[str, Any]:
    return snapshot(agreement, AUDITED)
