"""What people type about agreements and service objects. Forms only parse; operations decide and save."""

from .agreement import AgreementForm, EndForm, ReasonForm, ResponsibleForm, ResumeForm
from .copying import SourceForm
from .line import LineForm
from .relation import NotesForm, RelateObjectForm, RelateTaskForm
from .service_object import MoveForm, ObjectForm, SwapForm

__all__ = [
    "AgreementForm",
    "EndForm",
    "LineForm",
    "MoveForm",
    "NotesForm",
    "ObjectForm",
    "ReasonForm",
    "RelateObjectForm",
    "RelateTaskForm",
    "ResponsibleForm",
    "ResumeForm",
    "SourceForm",
    "SwapForm",
]
