from .agreement import (
    AgreementGroup,
    AgreementObject,
    AgreementTask,
    ClosedDay,
    CombineBy,
    Renewal,
    ServiceAgreement,
    ServiceAgreementQuerySet,
)
from .agreement_line import DueFrom, ItemSetup, ServiceAgreementLine
from .price import AdjustmentRow, LinePrice, PriceAdjustment
from .schedule import IntervalPause, Ordinal, ServiceInterval, TemplateGroup, TimeWindow, WindowMethod
from .service_object import (
    SerialSwap,
    ServiceObject,
    ServiceObjectGroup,
    ServiceObjectPlacement,
    ServiceObjectQuerySet,
)
from .sla import ServiceLevelAgreement
from .task import ActivityType, ServiceTask

__all__ = [
    "AdjustmentRow",
    "LinePrice",
    "PriceAdjustment",
    "Renewal",
    "SerialSwap",
    "ActivityType",
    "AgreementGroup",
    "AgreementObject",
    "AgreementTask",
    "ClosedDay",
    "CombineBy",
    "DueFrom",
    "IntervalPause",
    "ItemSetup",
    "Ordinal",
    "ServiceAgreement",
    "ServiceAgreementLine",
    "ServiceAgreementQuerySet",
    "ServiceInterval",
    "ServiceLevelAgreement",
    "ServiceObject",
    "ServiceObjectGroup",
    "ServiceObjectPlacement",
    "ServiceObjectQuerySet",
    "ServiceTask",
    "TemplateGroup",
    "TimeWindow",
    "WindowMethod",
]
