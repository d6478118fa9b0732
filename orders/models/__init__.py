from .bom import BomChangeOnOrder
from .history import HistoryImport, HistoryMapping, HistoryRow
from .loan import Loan, LoanQuerySet
from .order import (
    Assignment,
    OrderObject,
    OrderOrigin,
    OrderProgress,
    OrderTask,
    Priority,
    ServiceOrder,
    ServiceOrderQuerySet,
)
from .order_line import LineStatus, ServiceOrderLine
from .parameters import ServiceParameters
from .repair import (
    Condition,
    DiagnosisArea,
    DiagnosisCode,
    RepairLine,
    RepairStage,
    Resolution,
    SymptomArea,
    SymptomCode,
)
from .request import RequestStatus, ServiceRequest, ServiceRequestQuerySet
from .sign_off import SignOff
from .sla import ClockEnd, SlaStatus, SlaTimeLog
from .stage import OrderReason, Phase, ReasonKind, ServiceStage, StageReasonCode
from .work import OrderWork

__all__ = [
    "Assignment",
    "BomChangeOnOrder",
    "ClockEnd",
    "Condition",
    "DiagnosisArea",
    "DiagnosisCode",
    "HistoryImport",
    "HistoryMapping",
    "HistoryRow",
    "LineStatus",
    "Loan",
    "LoanQuerySet",
    "OrderObject",
    "OrderOrigin",
    "OrderProgress",
    "OrderReason",
    "OrderTask",
    "OrderWork",
    "Phase",
    "Priority",
    "ReasonKind",
    "RepairLine",
    "RepairStage",
    "RequestStatus",
    "Resolution",
    "ServiceOrder",
    "ServiceOrderLine",
    "ServiceOrderQuerySet",
    "ServiceParameters",
    "ServiceRequest",
    "ServiceRequestQuerySet",
    "ServiceStage",
    "SignOff",
    "SlaStatus",
    "SlaTimeLog",
    "StageReasonCode",
    "SymptomArea",
    "SymptomCode",
]
