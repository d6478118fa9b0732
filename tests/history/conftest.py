import io
from pathlib import Path

import pytest

from agreements.models import ServiceObjectGroup
from orders.history.operations import import_history
from orders.models import HistoryImport, HistoryMapping
from servicemgmt.core.models import NumberSequence
from servicemgmt.core.runs import execute_to_end, progress
from servicemgmt.masterdata.models import Currency
from tests import make_money, make_orders
from tests.make_agreements import make_sequences, make_site

DATA = Path(__file__).resolve().parents[3] / "shared/data/excavators/work-orders.csv"
HEADER = "BscStartDate,Asset,OriginalShorttext,PMType,Cost\n"


@pytest.fixture
def mapping(db) -> HistoryMapping:
    """The mapping that the demonstration company ships, for a mine in Australia."""
    return make_mapping()


def make_mapping() -> HistoryMapping:
    make_money.firm()
    make_orders.make_stages()
    make_sequences()
    NumberSequence.objects.get_or_create(
        code="imported_order", defaults={"description": "History", "prefix": "HI-"}
    )
    customer = make_money.customer("Ironbark Mining", currency=aud())
    return HistoryMapping.objects.create(
        code="EXCAVATORS",
        description="Excavators",
        date_column="BscStartDate",
        asset_column="Asset",
        text_column="OriginalShorttext",
        type_column="PMType",
        cost_column="Cost",
        currency=aud(),
        customer=customer,
        site=make_site(customer),
        project=make_money.project("Mine", customer=customer),
        category=make_money.category("EXPENSE", "HISTORY"),
        line_property=make_money.line_property("INTERNAL"),
        object_group=ServiceObjectGroup.objects.create(code="EXCAVATOR", description="Excavator"),
    )


def take(mapping: HistoryMapping, text: str | bytes, **options: object) -> HistoryImport:
    """Import a file of that text to its end."""
    raw = text if isinstance(text, bytes) else text.encode()
    taken = import_history(io.BytesIO(raw), "history.csv", mapping, by=None, enqueue=False, **options)
    execute_to_end(taken.run)
    taken.run.refresh_from_db()
    return taken


def counts(taken: HistoryImport) -> dict[str, int]:
    return progress(taken.run).counts


def aud() -> Currency:
    return Currency.objects.get_or_create(code="AUD", defaults={"description": "Australian dollar"})[0]
