"""Every action a person can take on agreements and service objects."""

from .agreement import (
    change_agreement,
    create_agreement,
    delete_agreement,
    draft,
    make_template,
)
from .copying import copy_agreement, copy_lines, create_guided
from .life import end, resume, set_responsible, suspend, why_not_resume, why_not_suspend
from .lines import add_line, change_line, remove_line, restart_line, stop_line, why_not_stop
from .moves import arrive, drop_move, move_object
from .objects import create_object, create_objects, save_object
from .relations import change_task_notes, relate_object, relate_task, unrelate_object, unrelate_task
from .serials import swap_serial

__all__ = [
    "add_line",
    "arrive",
    "change_agreement",
    "change_line",
    "change_task_notes",
    "copy_agreement",
    "copy_lines",
    "create_agreement",
    "create_guided",
    "create_object",
    "create_objects",
    "delete_agreement",
    "draft",
    "drop_move",
    "end",
    "make_template",
    "move_object",
    "relate_object",
    "relate_task",
    "remove_line",
    "restart_line",
    "resume",
    "save_object",
    "set_responsible",
    "stop_line",
    "suspend",
    "swap_serial",
    "unrelate_object",
    "unrelate_task",
    "why_not_resume",
    "why_not_stop",
    "why_not_suspend",
]
