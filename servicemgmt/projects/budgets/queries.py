"""What a project was meant to take and bring, and what it did: by category."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from servicemgmt.core.money import ZERO

from ..models import BudgetLine, Category, Project, Transaction


@dataclass(frozen=True, slots=True)
class Figures:
    """Quantity in the category's units, cost in the company's currency, revenue in the project's."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    revenue: Decimal = ZERO

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.quantity + other.quantity, self.cost + other.cost, self.revenue + other.revenue)

    def __sub__(self, other: "Figures") -> "Figures":
        return Figures(self.quantity - other.quantity, self.cost - other.cost, self.revenue - other.revenue)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A category's budget beside what was posted; `category` None is all of them together."""

    category: Category | None
    budget: Figures
    actual: Figures

    @property
    def remaining(self) -> Figures:
        return self.budget - self.actual

    @property
    def forecast(self) -> Figures:
        """What it comes to in the end: the budget, or more where more is posted already."""
        return Figures(
            max(self.budget.quantity, self.actual.quantity),
            max(self.budget.cost, self.actual.cost),
            max(self.budget.revenue, self.actual.revenue),
        )

    @property
    def is_overspent(self) -> bool:
        """Whether more was posted than planned: in cost, or in quantity where one was planned."""
        left = self.remaining
        return left.cost < 0 or (self.budget.quantity > 0 and left.quantity < 0)


def compare(project: Project, until: date | None = None) -> list[Comparison]:
    """Budget and actual of each category that has either; up to a day (inclusive) with the budget of its months.

    Actual is what was posted and not taken back, of this project's currency where it is revenue: what was charged,
    invoiced or not. What is invoiced on account is no revenue.
    """
    work = Transaction.objects.filter(project=project).standing()
    lines = BudgetLine.objects.filter(project=project)
    if until:
        work = work.filter(executed_on__lte=until)
        lines = lines.filter(Q(month=None) | Q(month__lte=until))
    actual = (
        work.order_by()
        .values("category")
        .annotate(
            total=Sum("quantity"),
            spent=Sum("cost_amount", filter=Q(cost_currency=None), default=ZERO),
            charged=Sum("sales_amount", filter=Q(currency=project.currency_id), default=ZERO),
        )
    )
    planned = (
        lines.order_by()
        .values("category")
        .annotate(total=Sum("quantity"), spent=Sum("cost"), charged=Sum("revenue"))
    )
    found = [
        {row["category"]: Figures(row["total"], row["spent"], row["charged"]) for row in rows}
        for rows in (planned, actual)
    ]
    categories = Category.objects.filter(pk__in={*found[0], *found[1]}).order_by("kind", "code")
    return [
        Comparison(row, found[0].get(row.pk, Figures()), found[1].get(row.pk, Figures()))
        for row in categories
    ]


def together(rows: list[Comparison]) -> Comparison:
    """All categories; quantities of different units mean nothing together and are left out."""
    budget = sum((row.budget for row in rows), Figures())
    actual = sum((row.actual for row in rows), Figures())
    return Comparison(
        None, Figures(ZERO, budget.cost, budget.revenue), Figures(ZERO, actual.cost, actual.revenue)
    )


def overspent(project: Project) -> list[Category]:
    """The categories with a budget that more was posted under than planned; one query where there is no budget."""
    planned = set(BudgetLine.objects.filter(project=project).values_list("category", flat=True))
    if not planned:
        return []
    return [
        row.category
        for row in compare(project)
        if row.category and row.category.pk in planned and row.is_overspent
    ]
