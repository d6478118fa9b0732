"""A modernisation at a fixed price, billed by milestones: one invoiced, one completed, one to come."""

from datetime import timedelta
from decimal import Decimal

from servicemgmt.core.editing import create_rows
from servicemgmt.projects.milestones.operations import add_milestone, complete_milestone
from servicemgmt.projects.models import BudgetLine, Category, LineProperty, Project, ProjectGroup, ProjectKind
from servicemgmt.projects.operations import create_project, make_proposals, post_proposal

from .crew import Crew

#: description, days from today, amount
MILESTONES = [
    ("Order and survey", -12, "6000"),
    ("Controls delivered", -2, "9000"),
    ("Acceptance", 30, "3000"),
]

#: category, quantity, cost, revenue
BUDGET = [
    ("LABOUR", 120, 4980, 0),
    ("ENGINEER", 24, 1392, 0),
    ("PARTS", 1, 5200, 0),
    ("CALLOUT", 3, 0, 18000),
]


def seed_budget(project: Project) -> None:
    """What the modernisation may take."""
    rows = [
        BudgetLine(
            project=project,
            category=Category.objects.get(code=code),
            quantity=Decimal(quantity),
            cost=Decimal(cost),
            revenue=Decimal(revenue),
        )
        for code, quantity, cost, revenue in BUDGET
    ]
    create_rows(rows, by=None)


def seed_fixed_price(crew: Crew) -> None:
    """Make the project and bring its milestones as far as their days say."""
    by, customer = crew.user("Finance"), crew.base.customers[0]
    project = create_project(
        by=by,
        name="Lift modernisation",
        kind=ProjectKind.FIXED_PRICE,
        group=ProjectGroup.objects.get(code="INSTALL"),
        customer=customer,
        line_property=LineProperty.objects.get(code="CHARGE"),
        contract_value=Decimal(18000),
    )
    seed_budget(project)
    category = Category.objects.get(code="CALLOUT")
    for description, days, amount in MILESTONES:
        day = crew.today + timedelta(days=days)
        made = add_milestone(
            project, description=description, due_on=day, amount=Decimal(amount), category=category, by=by
        )
        if days < 0:
            made = complete_milestone(made.pk, version=made.version, on=day, by=by, at=crew.now)
        if days < -7 and made.transaction:
            (proposal,) = make_proposals([made.transaction], invoice_date=day, by=by, at=crew.now)
            post_proposal(proposal.pk, version=proposal.version, by=by, at=crew.now)
