from ..drafts import Draft
from .additions import add_fee
from .credits import credit_invoice, do_not_credit, left_of, propose_credit, select_for_credit
from .invoices import Posted, post_proposal, post_proposals
from .on_account import deduct_on_account, invoice_on_account
from .opening import OpeningItem, post_opening_items
from .payments import enter_payment, reverse_payment
from .posting import Bundle, insert_bundles, post_bundles, post_transactions
from .project import close_project, create_project, quick_project, reopen_project, save_project
from .proposals import change_invoice_date, change_line, delete_proposal, drop_line, make_proposals
from .reminders import make_reminders
from .requirements import (
    change_requirement,
    consume_requirement,
    delete_requirement,
    pick_requirement,
    release_requirement,
    require_item,
    return_requirement,
    undo_consumption,
)
from .requiring import require_elsewhere, require_items
from .returning import Returned, pieces_out, return_goods
from .reversing import reverse_transactions
from .settlements import settle, undo_settlement
from .status import move_transactions
from .waiving import waive_fee, why_not_waive

__all__ = [
    "Bundle",
    "Draft",
    "OpeningItem",
    "Posted",
    "Returned",
    "add_fee",
    "change_invoice_date",
    "change_line",
    "change_requirement",
    "close_project",
    "consume_requirement",
    "create_project",
    "credit_invoice",
    "deduct_on_account",
    "delete_proposal",
    "delete_requirement",
    "do_not_credit",
    "drop_line",
    "enter_payment",
    "insert_bundles",
    "invoice_on_account",
    "left_of",
    "make_proposals",
    "make_reminders",
    "move_transactions",
    "pick_requirement",
    "pieces_out",
    "post_bundles",
    "post_opening_items",
    "post_proposal",
    "post_proposals",
    "post_transactions",
    "propose_credit",
    "quick_project",
    "reopen_project",
    "release_requirement",
    "require_item",
    "require_elsewhere",
    "require_items",
    "return_goods",
    "return_requirement",
    "reverse_payment",
    "reverse_transactions",
    "save_project",
    "select_for_credit",
    "settle",
    "undo_consumption",
    "undo_settlement",
    "waive_fee",
    "why_not_waive",
]
