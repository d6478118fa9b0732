"""Writes made up on a device: each carries a UUID, and a second sending changes nothing (architecture 19)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from servicemgmt.core.errors import Refused
from servicemgmt.core.models import ClientWrite, User

#: A device's clock that is further off than this is flagged (board-and-tablet 3.6.5).
SKEW = timedelta(minutes=5)


def once(
    key: UUID, *, user: User, action: str, subject: str, device_at: datetime, at: datetime
) -> tuple[ClientWrite, bool]:
    """The write of that key, received `at`, and whether it is new; call inside the transaction that does the work.

    Where it is not new the caller writes nothing and answers with what the first sending made. Two sendings at once
    wait for each other. Raises Refused where the key was used by somebody else or for something else.
    """
    for new in ClientWrite.objects.raw(INSERT, [key, user.pk, action, subject, device_at, at]):
        return new, True
    write = ClientWrite.objects.get(key=key)
    if (write.user_id, write.action, write.subject) != (user.pk, action, subject):
        raise Refused(_("This entry was sent before as something else; reload the page and enter it again."))
    return write, False


#: One statement that waits for another sending of the key, and gives no row where that came first.
INSERT = """
INSERT INTO core_clientwrite (key, user_id, action, subject, device_at, received_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (key) DO NOTHING RETURNING *
"""


def is_skewed(write: ClientWrite) -> bool:
    """Whether the device's clock was more than five minutes off, or the entry waited that long to be sent."""
    return abs(write.received_at - write.device_at) > SKEW
