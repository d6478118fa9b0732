"""What the milestones of a project come to."""

from dataclasses import dataclass
from decimal import Decimal

from servicemgmt.core.money import ZERO

from ..models import Milestone, Project


@dataclass(frozen=True, slots=True)
class Plan:
    """A project's milestones in order, and their sums in its currency."""

    rows: list[Milestone]
    total: Decimal
    completed: Decimal
    contract_value: Decimal | None

    @property
    def off(self) -> Decimal:
        """How much more the milestones come to than the contract; nothing where no contract value is known."""
        return ZERO if self.contract_value is None else self.total - self.contract_value

    @property
    def missing(self) -> Decimal:
        """What no milestone bills yet."""
        return -self.off


def plan_of(project: Project) -> Plan:
    """The milestones of a project with what they come to."""
    rows = project.milestones.select_related("transaction__invoice", "category").order_by("due_on", "pk")
    found = list(rows)
    total = sum((row.amount for row in found), ZERO)
    completed = sum((row.amount for row in found if row.completed_on), ZERO)
    return Plan(found, total, completed, project.contract_value)
