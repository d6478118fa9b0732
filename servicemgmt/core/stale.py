"""Saying to whoever comes with an old version what was changed since."""

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from .audit import subject_of
from .display import moment
from .errors import Stale
from .models import Event
from .trail import action_label, changes_of

#: How many of the changed fields are told, and how much of each, in characters.
FEW, SHORT = 3, 60


def stale(sentence: str, row: models.Model) -> Stale:
    """Stale with the sentence, and the last change from the row's history: who, when and what.

    For rows whose changers may read their history. The time is in the reader's zone.
    """
    event = Event.objects.filter(subject=subject_of(row)).order_by("-pk").first()
    if event is None:
        return Stale(sentence)
    told = [
        f"{label}: {Truncator(new).chars(SHORT) or '–'}"
        for label, _old, new in changes_of(event.subject, event.changes)[:FEW]
    ]
    what = action_label(event.action) + (f" ({'; '.join(told)})" if told else "")
    last = _("The last change: %(what)s, by %(who)s, %(when)s.") % {
        "what": what,
        "who": event.actor_name,
        "when": moment(event.at),
    }
    return Stale(f"{sentence} {last}")
