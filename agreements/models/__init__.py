from .agreement import (
    AgreementGroup,
    AgreementObject,
    AgreementTask,
    ClosedDay,
    CombineBy,
    ServiceAgreement,
)
from .agreement_line import DueFrom, ItemSetup, ServiceAgreementLine
from .bom import BomOptions, BomSource, TemplateBom, TemplateBomLine
from .price import AdjustmentRow, LinePrice, MadePrice, PriceAdjustment
from .reminder import ExpiryReminder
from .schedule import IntervalPause, Ordinal, ServiceInterval, TemplateGroup, TimeWindow, WindowMethod
from .service_bom import BomAction, BomChange, ServiceBom, ServiceBomLine
from .service_object import (
    SerialSwap,
    ServiceObject,
    ServiceObjectGroup,
    ServiceObjectPlacement,
    ServiceObjectQuerySet,
)
from .signature import AgreementSignature
from .sla import ServiceLevelAgreement
from .standing import AgreementStatus, Renewal, ServiceAgreementQuerySet
from .task import ActivityType, ServiceTask

__all__ = [
    "ActivityType",
    "AdjustmentRow",
    "AgreementGroup",
    "AgreementObject",
    "AgreementSignature",
    "AgreementStatus",
    "AgreementTask",
    "BomAction",
    "BomChange",
    "BomOptions",
    "BomSource",
    "ClosedDay",
    "CombineBy",
    "DueFrom",
    "ExpiryReminder",
    "IntervalPause",
    "ItemSetup",
    "LinePrice",
    "MadePrice",
    "Ordinal",
    "PriceAdjustment",
    "Renewal",
    "SerialSwap",
    "ServiceAgreement",
    "ServiceAgreementLine",
    "ServiceAgreementQuerySet",
    "ServiceBom",
    "ServiceBomLine",
    "ServiceInterval",
    "ServiceLevelAgreement",
    "ServiceObject",
    "ServiceObjectGroup",
    "ServiceObjectPlacement",
    "ServiceObjectQuerySet",
    "ServiceTask",
    "TemplateBom",
    "TemplateBomLine",
    "TemplateGroup",
    "TimeWindow",
    "WindowMethod",
]
