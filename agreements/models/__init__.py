from .agreement import (
    AgreementGroup,
    AgreementObject,
    AgreementTask,
    CombineBy,
    ServiceAgreement,
    ServiceAgreementQuerySet,
)
from .agreement_line import ItemSetup, ServiceAgreementLine
from .schedule import ServiceInterval, TemplateGroup, TimeWindow, WindowMethod
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
    "SerialSwap",
    "ActivityType",
    "AgreementGroup",
    "AgreementObject",
    "AgreementTask",
    "CombineBy",
    "ItemSetup",
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
