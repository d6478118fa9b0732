"""What an order allows now: a rule answers with the sentence why not, or None. Button and operation ask the same."""

from django.utils.translation import gettext as _

from agreements.models import ItemSetup, ServiceAgreement
from agreements.quoting.rules import why_not_in_force
from servicemgmt.core.audit import subject_of
from servicemgmt.core.errors import Sentence
from servicemgmt.projects.models import ItemRequirement, RequirementQuerySet

from .models import LineStatus, OrderProgress, Phase, ServiceOrder, ServiceOrderLine, ServiceStage


def why_not_change(order: ServiceOrder) -> Sentence | None:
    """SO-12: header and lines may be edited only where the stage says so."""
    if not order.stage.can_modify:
        return _("The stage of the service order does not allow changes: %(stage)s.") % {"stage": order.stage}
    return None


def why_not_change_line(order: ServiceOrder, line: ServiceOrderLine) -> Sentence | None:
    """SO-12: only Created lines may be edited."""
    if line.status == LineStatus.POSTED and line.requirement_id:
        return _("Line %(line)s is used up; take the consumption of its item requirement back first.") % {
            "line": line.line_number
        }
    if line.status == LineStatus.POSTED:
        return _("Line %(line)s is posted; undo the posting first.") % {"line": line.line_number}
    if line.status == LineStatus.CANCELLED:
        return _("Line %(line)s is cancelled; take that back first.") % {"line": line.line_number}
    if line.requirement_id:
        return _("Line %(line)s goes with its item requirement; change that.") % {"line": line.line_number}
    return why_not_change(order)


def why_not_cancel(order: ServiceOrder) -> Sentence | None:
    """SO-13 for the whole order."""
    if order.progress == OrderProgress.POSTED:
        return _("The service order is posted already.")
    if has_requirements(order):
        return _("The order has item requirements; cancel those lines first.")
    if requirements_on(order).open().exists():
        return _("The order has item requirements; delete them, or return what is picked, first.")
    return why_not_cancel_line(order)


def why_not_cancel_line(order: ServiceOrder) -> Sentence | None:
    """SO-13: cancelling and taking it back need a stage that allows it."""
    if not order.stage.can_cancel:
        return _("The stage of the service order does not allow cancelling: %(stage)s.") % {
            "stage": order.stage
        }
    return None


def why_not_delete(order: ServiceOrder) -> Sentence | None:
    """SO-15."""
    if not order.stage.can_delete:
        return _("The stage of the service order does not allow deleting: %(stage)s.") % {
            "stage": order.stage
        }
    if has_requirements(order):
        return _("The order has item requirements; cancel those lines first.")
    if requirements_on(order).exists():
        return _(
            "The order has item requirements; delete them first, or cancel the order once they are returned."
        )
    if order.lines.filter(status=LineStatus.POSTED).exists():
        return _("The order has posted lines.")
    if order.bom_changes.exists() or order.object_relations.filter(service_bom__isnull=False).exists():
        return _("Parts of a service BOM were changed on the order, or it has one; cancel the order instead.")
    if order.sign_offs.exists():
        return _("The order was signed off; cancel it instead, the signature must be kept.")
    return None


def why_not_sign(order: ServiceOrder) -> Sentence | None:
    """SO-21, and the stage's gate."""
    if not order.stage.can_sign_off:
        return _("The stage of the service order does not allow signing off: %(stage)s.") % {
            "stage": order.stage
        }
    if order.signed_off_at:
        return _("The service order is signed off already.")
    if not order.lines.filter(status=LineStatus.CREATED).exists():
        return _("There is no line to sign off; enter what was done first.")
    return None


def why_not_plan(order: ServiceOrder) -> Sentence | None:
    """DB-08: what is finished, posted or cancelled is planned no more."""
    if order.stage.phase in (Phase.DONE, Phase.CANCELLED) or order.progress != OrderProgress.IN_PROCESS:
        return _("%(order)s is closed (%(stage)s) and can no longer be planned.") % {
            "order": order.number,
            "stage": order.stage,
        }
    return None


def why_not_agreement(agreement: ServiceAgreement) -> Sentence | None:
    """AG-05, AG-07: no orders from a suspended agreement, a template or a quote."""
    if agreement.is_template:
        return _("%(agreement)s is a template; orders cannot be made from it.") % {
            "agreement": agreement.number
        }
    if sentence := why_not_in_force(agreement):
        return sentence
    if agreement.suspended:
        return _("%(agreement)s is suspended; no orders can be made from it.") % {
            "agreement": agreement.number
        }
    return None


def why_not_stage(order: ServiceOrder, to: ServiceStage) -> Sentence | None:
    """SG-03 … SG-05: a step goes to a child of the present stage or back to its parent."""
    if to.parent_id == order.stage_id or order.stage.parent_id == to.pk:
        return None
    return _("From %(stage)s the order cannot go to %(to)s directly.") % {"stage": order.stage, "to": to}


def has_requirements(order: ServiceOrder) -> bool:
    """Whether live lines of the order are item requirements (SO-17)."""
    return order.lines.filter(item_setup=ItemSetup.REQUIREMENT, status=LineStatus.CREATED).exists()


def requirements_on(order: ServiceOrder) -> RequirementQuerySet:
    """The items reserved for the order (SO-17)."""
    return ItemRequirement.objects.of(subject_of(order))
