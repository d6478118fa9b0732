"""The masters of projects: groups, categories, who bears what, accruals, budgets."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from servicemgmt.core.errors import Invalid
from servicemgmt.core.models import User
from servicemgmt.core.setup import Setup, register
from servicemgmt.ledger.models import PostingProfile
from servicemgmt.ledger.setup import CATEGORY_EXISTS

from ..models import (
    AccrualRule,
    BudgetLine,
    Category,
    LineProperty,
    LinePropertySetup,
    PeriodType,
    ProjectGroup,
    ProjectParameters,
    ProjectValidation,
    Transaction,
)

PROJECTS = gettext_lazy("Projects")


def keep_kind(row: Category, by: User | None) -> None:
    """What is posted under a category stays what it is, and what posting profiles call it."""
    before = Category.objects.filter(pk=row.pk).first()
    if before is None:
        return
    if before.kind != row.kind and Transaction.objects.filter(category=row).exists():
        raise Invalid(_("Something is posted under this category; make another one."), field="kind")
    if before.code != row.code and PostingProfile.objects.filter(category_code=before.code).exists():
        raise Invalid(
            _("Posting profiles name the category %(code)s. Delete those rows first.")
            % {"code": before.code},
            field="code",
        )


CATEGORY_EXISTS.append(lambda code: Category.objects.filter(code=code).exists())


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
        fields=["accrue_on_day", "is_credit_approved"],
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
