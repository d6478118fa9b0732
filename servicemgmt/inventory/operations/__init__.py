from .counts import add_counted_item, drop_count, enter_counts, post_count, read_again, start_count
from .goods import Moved, Receipt, consume, give_back, receive, receive_all
from .reserve import hold, require_on_hand, reserve, reserve_all
from .transfer import Transfer, return_unused, transfer, transfer_all

__all__ = [
    "Moved",
    "Receipt",
    "Transfer",
    "add_counted_item",
    "consume",
    "drop_count",
    "enter_counts",
    "give_back",
    "hold",
    "post_count",
    "read_again",
    "receive",
    "receive_all",
    "require_on_hand",
    "reserve",
    "reserve_all",
    "return_unused",
    "start_count",
    "transfer",
    "transfer_all",
]
