"""The start page of each role: what needs doing, with the way to it."""

from collections.abc import Callable

from servicemgmt.core.roles import ADMINISTRATOR, DISPATCHER, FINANCE, LABELS, MANAGER, PLANNER, TECHNICIAN

from ..numbers import Numbers
from ..parts import Section
from .administration import administrator
from .dispatching import dispatcher, technician
from .finance import finance
from .managing import manager
from .planning import planner

#: In the order they stand on the page of somebody with several roles.
SECTIONS: dict[str, Callable[[Numbers], Section]] = {
    TECHNICIAN: technician,
    DISPATCHER: dispatcher,
    PLANNER: planner,
    FINANCE: finance,
    MANAGER: manager,
    ADMINISTRATOR: administrator,
}


def sections_for(roles: set[str], now: Numbers) -> list[Section]:
    """The sections of these roles; none for somebody without a role."""
    return [build(now) for role, build in SECTIONS.items() if role in roles and role in LABELS]
