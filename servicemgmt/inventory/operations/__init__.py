from .goods import Moved, Receipt, consume, give_back, receive, receive_all
from .transfer import Transfer, return_unused, transfer, transfer_all

__all__ = [
    "Moved",
    "Receipt",
    "Transfer",
    "consume",
    "give_back",
    "receive",
    "receive_all",
    "return_unused",
    "transfer",
    "transfer_all",
]
