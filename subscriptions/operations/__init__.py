"""What can be done with subscriptions and their fees, one function each."""

from .fees import FeeOrder, create_fees, preview_fees, start_fees
from .invoicing import propose_fees
from .subscription import create_subscription, save_subscription, set_active, suggested_price

__all__ = [
    "FeeOrder",
    "create_fees",
    "create_subscription",
    "preview_fees",
    "propose_fees",
    "save_subscription",
    "set_active",
    "start_fees",
    "suggested_price",
]
