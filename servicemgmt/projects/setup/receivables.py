"""The masters of what customers owe."""

from django.utils.translation import gettext_lazy

from servicemgmt.core.setup import Setup, register

from ..models import CreditLimit, PaymentMethod, ReminderLevel

RECEIVABLES = gettext_lazy("Receivables")

register(
    Setup(
        PaymentMethod,
        section=RECEIVABLES,
        fields=["code", "description", "account"],
        help=gettext_lazy("How customers pay, and the bank or cash account that the money arrives on."),
    )
)
register(
    Setup(
        ReminderLevel,
        section=RECEIVABLES,
        fields=["level", "code", "description", "days", "fee", "posts_fee", "fee_text", "text"],
        columns=["level", "code", "description", "days", "fee", "posts_fee"],
        help=gettext_lazy(
            "How customers are reminded: from how many days overdue, with which text and fee. The description is the "
            "heading of the letter. An item moves up one level at a time. A fee that is posted stays open until it is "
            "paid, and is reminded no further."
        ),
        sentences={
            "reminderlevel_overdue_at_least_a_day": gettext_lazy("An item is overdue by a day at least."),
            "reminderlevel_counted_from_one": gettext_lazy("The first level is 1."),
            "reminderlevel_fee_not_negative": gettext_lazy("A fee is zero or more."),
        },
        default_sort="level",
    )
)
register(
    Setup(
        CreditLimit,
        section=RECEIVABLES,
        fields=["customer", "amount"],
        help=gettext_lazy(
            "How much a customer may owe, in the company's currency: open items and posted work that waits for its "
            "invoice. His orders and proposals say when he is over it; the service parameters can refuse new orders."
        ),
        sentences={"creditlimit_not_negative": gettext_lazy("A credit limit is zero or more.")},
        default_sort="customer__name",
    )
)
