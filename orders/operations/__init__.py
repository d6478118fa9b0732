"""Every action a person can take on service orders and requests, one function each."""

from .assignment import assign, unassign
from .bom import attach_bom_on_order
from .cancel import cancel_order, revoke_order
from .clock import cancel_sla, start_clock, stop_clock
from .line import add_line, cancel_line, change_line, revoke_line
from .order import change_order, create_order, delete_order, set_priority
from .part import Billing, put_part_in, replace_part
from .progress import progress_of, refresh_progress
from .relation import change_task_notes, relate_object, relate_task, unrelate
from .repair import add_repair_line, change_repair_line, remove_repair_line
from .request import change_request, close_request, order_from_request, receive_request, reopen_request
from .requirement import drop_requirement, require_on_order
from .sign_off import sign_off
from .stage import (
    add_reason,
    change_stage,
    follow_clock,
    initial_stage,
    next_stages,
    previous_stage,
    remove_reason,
)

__all__ = [
    "Billing",
    "add_line",
    "add_reason",
    "add_repair_line",
    "assign",
    "attach_bom_on_order",
    "cancel_line",
    "cancel_order",
    "cancel_sla",
    "change_line",
    "change_order",
    "change_repair_line",
    "change_request",
    "change_stage",
    "change_task_notes",
    "close_request",
    "create_order",
    "delete_order",
    "drop_requirement",
    "follow_clock",
    "initial_stage",
    "next_stages",
    "order_from_request",
    "previous_stage",
    "progress_of",
    "put_part_in",
    "receive_request",
    "refresh_progress",
    "relate_object",
    "relate_task",
    "remove_reason",
    "remove_repair_line",
    "reopen_request",
    "replace_part",
    "require_on_order",
    "revoke_line",
    "revoke_order",
    "set_priority",
    "sign_off",
    "start_clock",
    "stop_clock",
    "unassign",
    "unrelate",
]
