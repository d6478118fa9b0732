from .line import LineForm
from .order import OrderEditForm, OrderForm
from .repair import RepairForm
from .request import AnswerForm, RequestForm
from .small import (
    AssignForm,
    ClockForm,
    ManualReasonForm,
    NotesForm,
    ObjectForm,
    OrderRequireForm,
    PostingForm,
    ReasonForm,
    ReturnPartForm,
    SignForm,
    TaskForm,
)

__all__ = [
    "AnswerForm",
    "AssignForm",
    "ClockForm",
    "LineForm",
    "ManualReasonForm",
    "NotesForm",
    "ObjectForm",
    "OrderEditForm",
    "OrderForm",
    "OrderRequireForm",
    "PostingForm",
    "ReasonForm",
    "RepairForm",
    "RequestForm",
    "ReturnPartForm",
    "SignForm",
    "TaskForm",
]
