"""The masters of prices and discounts."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User
from servicemgmt.core.setup import Setup, register

from ..models import CostPrice, PriceList, SalesDiscount, SalesPrice
from ..models.price import PriceRow

PRICES = gettext_lazy("Prices")


def check_price(row: PriceRow | SalesDiscount, by: User | None) -> None:
    """A price row names a category of its own type only."""
    if row.category and row.category.kind != row.kind:
        raise Invalid(_("That category is of another type."), field="category")


register(
    Setup(
        PriceList,
        section=PRICES,
        fields=["code", "description"],
        help=gettext_lazy("Sets of price rows that a project or an agreement has for itself."),
    )
)
register(
    Setup(
        CostPrice,
        section=PRICES,
        fields=["kind", "price_list", "project", "worker", "category", "valid_from", "price"],
        help=gettext_lazy(
            "What an hour or an expense costs, in the company's currency. The more is named, the earlier it wins."
        ),
        clean=check_price,
        sentences={
            "costprice_once": gettext_lazy("There is such a price from that day already."),
            "costprice_hour_or_expense": gettext_lazy(
                "Only hours and expenses have cost prices; items have their own."
            ),
            "costprice_not_negative": gettext_lazy("A price is zero or more."),
        },
        default_sort="-valid_from",
    )
)
register(
    Setup(
        SalesPrice,
        section=PRICES,
        fields=[
            "kind",
            "price_list",
            "project",
            "worker",
            "category",
            "item",
            "currency",
            "valid_from",
            "model",
            "price",
        ],  # fmt: skip
        columns=[
            "kind",
            "price_list",
            "project",
            "worker",
            "category",
            "item",
            "currency",
            "valid_from",
            "model",
            "price",
        ],
        help=gettext_lazy(
            "What work is sold for. The more is named, the earlier it wins; the model says what the price is."
        ),
        clean=check_price,
        sentences={
            "salesprice_once": gettext_lazy("There is such a price from that day already."),
            "salesprice_not_negative": gettext_lazy("A price is zero or more."),
            "salesprice_contribution_below_hundred": gettext_lazy(
                "A contribution ratio lies below 100 percent."
            ),
            "salesprice_item_only_on_items": gettext_lazy("Only the price of an item can name an item."),
            "salesprice_fee_has_no_cost": gettext_lazy("Fees have no cost; give the price itself."),
        },
        default_sort="-valid_from",
    )
)
register(
    Setup(
        SalesDiscount,
        section=PRICES,
        fields=["kind", "project", "customer", "category", "item", "valid_from", "percent"],
        help=gettext_lazy(
            "What is taken off the sales price, from a day on. A project's row goes before its customer's, that before "
            "everybody's; inside, an item's before a category's. Zero percent ends an earlier row."
        ),
        clean=check_price,
        sentences={
            "salesdiscount_once": gettext_lazy("There is such a discount from that day already."),
            "salesdiscount_of_the_price": gettext_lazy("A discount lies between 0 and 100 percent."),
            "salesdiscount_item_only_on_items": gettext_lazy(
                "Only the discount of an item can name an item."
            ),
            "salesdiscount_project_or_customer": gettext_lazy("Name a project or a customer, not both."),
        },
        default_sort="-valid_from",
    )
)
