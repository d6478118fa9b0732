from .attachment import Attachment
from .client_write import ClientWrite
from .event import Event
from .master import Master, MasterQuerySet, Versioned
from .outbox import MailStatus, Outbox
from .run import Run, RunChunk, RunMessage
from .sequence import NumberCounter, NumberSequence
from .user import Invitation, RolePolicy, User

__all__ = [
    "Attachment",
    "ClientWrite",
    "Event",
    "Invitation",
    "MailStatus",
    "Master",
    "MasterQuerySet",
    "NumberCounter",
    "NumberSequence",
    "Outbox",
    "RolePolicy",
    "Run",
    "RunChunk",
    "RunMessage",
    "User",
    "Versioned",
]
