"""The small masters of service orders, what can be searched for, and how the trail names what happens to them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from servicemgmt.core.audit import register_subject
from servicemgmt.core.errors import Invalid, Refused
from servicemgmt.core.models import User
from servicemgmt.core.search import register as searchable
from servicemgmt.core.setup import Setup, register
from servicemgmt.core.trail import name_actions, name_fields

from . import models

ORDERS = _("Service orders")
REPAIR = _("Repair")

ONE_INITIAL = _("Only one initial stage is allowed. Say which stage this one follows.")


def check_stage(row: Any, by: User | None) -> None:
    """SG-01, SG-02: one initial stage; what a saved stage follows stays."""
    known = models.ServiceStage.objects.filter(pk=row.pk).values_list("parent_id", flat=True)
    if row.pk and known and known[0] != row.parent_id:
        raise Refused(_("What a stage follows cannot be changed; make another stage instead."))
    initial = models.ServiceStage.objects.filter(parent__isnull=True).exclude(pk=row.pk)
    if row.parent_id is None and initial.exists():
        raise Invalid(ONE_INITIAL, field="parent")


register(
    Setup(
        models.ServiceStage,
        section=ORDERS,
        fields=[
            "code", "description", "parent", "phase", "can_modify", "can_cancel", "can_delete", "can_sign_off",
            "can_transfer", "close_time_log", "give_reason",
        ],
        columns=[
            "code", "description", "parent", "phase", "can_modify", "can_cancel", "can_delete", "can_sign_off",
            "can_transfer", "close_time_log", "give_reason",
        ],
        fixed=["parent"],
        clean=check_stage,
        sentences={
            "servicestage_only_one_initial": ONE_INITIAL,
            "servicestage_not_its_own_parent": _("A stage cannot follow itself."),
            "servicestage_parent_stays": _("What a stage follows cannot be changed; make another stage instead."),
        },
        help=_(
            "The states of an order, as a tree: an order moves to a stage that follows its own, or one step back. "
            "What a stage allows is ticked here."
        ),
    )
)  # fmt: skip
register(
    Setup(
        models.StageReasonCode,
        section=ORDERS,
        fields=["code", "description"],
        help=_("Why an order changed stage, its clock stopped or its SLA was cancelled."),
    )
)
register(
    Setup(
        models.ServiceParameters,
        section=ORDERS,
        fields=[
            "calendar", "agreement_group", "project_group", "line_property", "warranty_line_property",
            "activity_type", "sla", "hour_category", "expense_category", "item_category", "fee_category",
            "allow_without_agreement", "orders_over_credit_limit", "one_item_on_many_objects", "reason_on_cancelling",
            "reason_on_exceeding_time", "terminated_workers", "default_minutes", "board_days_before",
            "board_days_after", "planning_horizon_days",
        ],
        single=True,
        can_delete=False,
        sentences={
            "serviceparameters_board_window": _("The board shows at most 28 days before and after a day."),
            "serviceparameters_horizon_in_sight": _("Plan between 1 and 730 days ahead."),
        },
        help=_("The company's choices for service management."),
    )
)  # fmt: skip

for model, help_text in (
    (models.Condition, _("Under what circumstances a fault shows.")),
    (models.SymptomArea, _("Where a fault shows.")),
    (models.DiagnosisArea, _("Where a cause lies.")),
    (models.Resolution, _("What was done about a fault; past ones are suggested for the same symptom.")),
):
    register(Setup(model, section=REPAIR, fields=["code", "description"], help=help_text))
for coded, help_text in (
    (models.SymptomCode, _("What shows, inside an area.")),
    (models.DiagnosisCode, _("What the cause is, inside an area.")),
):
    register(
        Setup(
            coded,
            section=REPAIR,
            fields=["area", "code", "description"],
            identity=["area", "code"],
            sentences={
                f"{model._meta.model_name}_once_per_area": _("This area has a code of that name already.")
            },
            help=help_text,
        )
    )
register(
    Setup(
        models.RepairStage,
        section=REPAIR,
        fields=["code", "description", "finished"],
        help=_("How far a repair is. A stage that finishes it stamps its end."),
    )
)

searchable(
    models.ServiceOrder,
    permission=("orders.view_serviceorder", "dispatch.work_own_day"),
    rows=lambda user: models.ServiceOrder.objects.visible_to(user).select_related("customer"),
    sub=lambda row: row.customer.name,
    filters=["customer", "agreement", "project"],
)

register_subject("serviceorder", permission="orders.view_serviceorder", view="orders:order", key="number")
register_subject(
    "servicerequest", permission="orders.view_servicerequest", view="orders:request", key="number"
)

name_actions(
    {
        "stage_changed": _("Stage changed"),
        "line_added": _("Line added"),
        "line_changed": _("Line changed"),
        "line_cancelled": _("Line cancelled"),
        "line_revoked": _("Cancelling of a line taken back"),
        "cancelled": _("Cancelled"),
        "revoked": _("Cancelling taken back"),
        "related": _("Related"),
        "unrelated": _("Relation removed"),
        "task_changed": _("Notes of a task changed"),
        "assigned": _("Technician assigned"),
        "unassigned": _("Technician taken off"),
        "clock_started": _("Time recording started"),
        "clock_stopped": _("Time recording stopped"),
        "sla_cancelled": _("SLA cancelled"),
        "reason_given": _("Reason noted"),
        "reason_removed": _("Reason removed"),
        "repair_added": _("Repair line added"),
        "repair_changed": _("Repair line changed"),
        "repair_removed": _("Repair line removed"),
        "signed_off": _("Signed off"),
        "sign_off_voided": _("Sign-off void"),
        "posted": _("Posted"),
        "posting_undone": _("Posting undone"),
        "part_returned": _("Goods returned to stock"),
        "received": _("Received"),
        "ordered": _("Turned into an order"),
        "closed": _("Closed"),
        "reopened": _("Opened again"),
    }
)


def called(model: Any, names: list[str]) -> dict[str, Any]:
    """What a model calls its fields."""
    return {name: model._meta.get_field(name).verbose_name for name in names}


name_fields(
    "serviceorder",
    {
        **called(
            models.ServiceOrderLine,
            ["quantity", "unit", "item", "worker", "category", "line_property", "executed_on", "sales_price"],
        ),
        **called(models.ServiceOrderLine, ["task_relation", "object_relation"]),
        **called(models.RepairLine, ["name", "note", "condition", "symptom", "diagnosis", "resolution"]),
        "line": _("line"),
        "lines": _("lines"),
        "repair line": _("repair line"),
        "reason": _("reason"),
        "technician": _("technician"),
        "lead": _("lead"),
        "task": _("task"),
        "service object": _("service object"),
        "note for the technician": _("note for the technician"),
        "note for the customer": _("note for the customer"),
        "time recording": _("time recording"),
        "SLA": _("SLA"),
        "sign-off": _("sign-off"),
        "cost price": _("cost price"),
        "device clock": _("clock of the device"),
    },
)
