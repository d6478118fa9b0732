"""The demonstration company: made once, on an empty database, through the operations that people use."""

from datetime import datetime

from django.db import transaction

from servicemgmt.core.documents import only_when_asked
from servicemgmt.masterdata.models import Company

from .days import THREE_MONTHS, Span

PASSWORD = "field-service-demo"
#: One login per role: (role, e-mail address, password).
LOGINS = [
    ("Dispatcher", "dispatcher@nordlicht.example", PASSWORD),
    ("Technician", "technician@nordlicht.example", PASSWORD),
    ("Planner", "planner@nordlicht.example", PASSWORD),
    ("Finance", "finance@nordlicht.example", PASSWORD),
    ("Manager", "manager@nordlicht.example", PASSWORD),
    ("Administrator", "administrator@nordlicht.example", PASSWORD),
]


@transaction.atomic
def seed_company(*, at: datetime, span: Span = THREE_MONTHS) -> bool:
    """Fill an empty database with the demonstration company, dated around `at`. False where there is a company."""
    if Company.objects.exists():
        return False
    from .company import build

    with only_when_asked():
        build(at, span)
    return True
