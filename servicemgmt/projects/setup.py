"""The masters of projects, what of them can be searched for, and the things the audit trail knows."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core import search
from servicemgmt.core.audit import register_subject
from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User
from servicemgmt.core.setup import Setup, register

from .models import (
    AccrualRule,
    BudgetLine,
    Category,
    CostPrice,
    CreditLimit,
    LineProperty,
    LinePropertySetup,
    PaymentMethod,
    PeriodType,
    PriceList,
    Project,
    ProjectGroup,
    ProjectParameters,
    ProjectValidation,
    ReminderLevel,
    SalesDiscount,
    SalesPrice,
    Transaction,
)
from .models.price import PriceRow

PROJECTS, PRICES = gettext_lazy("Projects"), gettext_lazy("Prices")
RECEIVABLES = gettext_lazy("Receivables")


def keep_kind(row: Category, by: User | None) -> None:
    """What is posted under a category stays what it is."""
    before = Category.objects.filter(pk=row.pk).values_list("kind", flat=True).first()
    if before and before != row.kind and Transaction.objects.filter(category=row).exists():
        raise Invalid(_("Something is posted under this category; make another one."), field="kind")


def check_price(row: PriceRow | SalesDiscount, by: User | None) -> None:
    """A price row names a category of its own type only."""
    if row.category and row.category.kind != row.kind:
        raise Invalid(_("That category is of another type."), field="category")


register(
    Setup(
        ProjectGroup,
        section=PROJECTS,
        fields=["code", "description"],
        help=gettext_lazy("Classes of projects, for lists and for the line property of their work."),
    )
)
register(
    Setup(
        Category,
        section=PROJECTS,
        fields=["code", "description", "kind", "tax_group", "is_active", "for_subscriptions"],
        help=gettext_lazy(
            "Kinds of hours, expenses, items and fees. They lead to prices, accounts and taxes."
        ),
        clean=keep_kind,
        sentences={
            "category_for_subscriptions_is_a_fee": gettext_lazy("Only a fee can be for subscriptions.")
        },
    )
)
register(
    Setup(
        LineProperty,
        section=PROJECTS,
        fields=["code", "description", "coverage", "cost_markup", "sales_markup"],
        help=gettext_lazy(
            "Whether work is charged, and who bears it otherwise. Only charged work is invoiced."
        ),
    )
)
register(
    Setup(
        LinePropertySetup,
        section=PROJECTS,
        fields=["project", "group", "category", "line_property"],
        help=gettext_lazy(
            "Which line property new lines get. This project goes before its group, a group before all; "
            "inside, a row for the category before one for all. Else the project's own line property counts."
        ),
        sentences={
            "linepropertysetup_once": gettext_lazy("There is a row for this already."),
            "linepropertysetup_project_or_group": gettext_lazy("Name a project or a group, not both."),
        },
        default_sort="line_property__description",
    )
)
register(
    Setup(
        PeriodType,
        section=PROJECTS,
        fields=["code", "description", "unit", "count", "alignment", "anchor", "month_end"],
        help=gettext_lazy("Series of periods, such as quarters from 1 January. Their borders are computed."),
        sentences={"periodtype_count_positive": gettext_lazy("A period is at least one unit long.")},
    )
)
register(
    Setup(
        AccrualRule,
        section=PROJECTS,
        fields=["code", "description", "unit", "method", "rounding", "reversal", "delete_when_complete"],
        help=gettext_lazy(
            "How the revenue of a fee is spread over the days it is for. Posting the invoice defers all of it; each "
            "slice is recognised when its days are over. Subscription groups name a rule."
        ),
    )
)
register(
    Setup(
        ProjectParameters,
        section=PROJECTS,
        fields=["accrue_on_day"],
        single=True,
        can_delete=False,
        help=gettext_lazy("The company's choices for projects and for revenue that waits to be recognised."),
        sentences={
            "projectparameters_day_of_every_month": gettext_lazy(
                "Choose a day that every month has: 1 to 28."
            ),
        },
    )
)
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
        ProjectValidation,
        section=PROJECTS,
        fields=["project", "worker", "category"],
        help=gettext_lazy(
            "Who may be chosen with which category on a project. What is left empty means any; a project that no row "
            "speaks of allows everything."
        ),
        sentences={
            "projectvalidation_once": gettext_lazy("This combination is allowed already."),
            "projectvalidation_names_something": gettext_lazy("Name a worker, a category or both."),
        },
        default_sort="project__name",
    )
)
register(
    Setup(
        BudgetLine,
        section=PROJECTS,
        fields=["project", "category", "month", "quantity", "cost", "revenue"],
        help=gettext_lazy(
            "What a project may take and bring by category, in a month or over all its time. Cost is in the company's "
            "currency, revenue in the project's. The project's page compares it with what was posted."
        ),
        sentences={
            "budgetline_once": gettext_lazy(
                "There is a budget for this project, category and month already."
            ),
            "budgetline_of_a_whole_month": gettext_lazy("Enter the first day of the month."),
            "budgetline_quantity_not_negative": gettext_lazy("A quantity is zero or more."),
            "budgetline_cost_not_negative": gettext_lazy("A cost is zero or more."),
            "budgetline_revenue_not_negative": gettext_lazy("A revenue is zero or more."),
        },
        default_sort="project__name",
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

search.register(
    Project,
    label=gettext_lazy("Projects"),
    permission="projects.view_project",
    sub=lambda row: str(row.customer),
    filters=["customer"],
)
search.register(
    Category,
    label=gettext_lazy("Categories"),
    permission=("projects.view_project", "projects.view_category"),
    text=lambda row: f"{row.code} {row.description}",
    filters=["kind"],
)

SUBJECTS = [
    ("project", "projects.view_project", "projects:project", "number", gettext_lazy("Project")),
    ("transaction", "projects.view_transaction", "projects:transaction", "pk", gettext_lazy("Transaction")),
    (
        "invoiceproposal",
        "projects.view_invoiceproposal",
        "projects:proposal",
        "number",
        gettext_lazy("Invoice proposal"),
    ),
    ("invoice", "projects.view_invoice", "projects:invoice", "number", gettext_lazy("Invoice")),
    ("payment", "projects.view_payment", "projects:payment", "number", gettext_lazy("Payment")),
    (
        "customeritem",
        "projects.view_customeritem",
        "projects:open_item",
        "pk",
        gettext_lazy("Open item"),
    ),
    ("reminder", "projects.view_reminder", "projects:reminder", "number", gettext_lazy("Reminder")),
]
for name, permission, view, key, label in SUBJECTS:
    register_subject(name, permission=permission, view=view, key=key, label=label)
