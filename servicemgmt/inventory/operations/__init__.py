from .counts import add_counted_item, drop_count, enter_counts, post_count, read_again, start_count
from .goods import Moved, Receipt, consume, give_back, receive, receive_all
from .reserve import hold, let_go, reserve, reserve_all, set_aside
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
    "let_go",
    "post_count",
    "read_again",
    "receive",
    "receive_all",
    "reserve",
    "reserve_all",
    "return_unused",
    "set_aside",
    "start_count",
    "transfer",
    "transfer_all",
]
