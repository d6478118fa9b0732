"""Every action a person can take on template and service BOMs."""

from .attaching import attach_bom, delete_bom, move_bom
from .changing import Circumstances, add_bom_line, change_bom_line, delete_bom_line
from .templates import (
    add_template_line,
    change_template_line,
    create_template,
    delete_template,
    save_template,
    template_from_bom,
)

__all__ = [
    "Circumstances",
    "add_bom_line",
    "add_template_line",
    "attach_bom",
    "change_bom_line",
    "change_template_line",
    "create_template",
    "delete_bom",
    "delete_bom_line",
    "delete_template",
    "move_bom",
    "save_template",
    "template_from_bom",
]
