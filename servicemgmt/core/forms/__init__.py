"""Forms as this product has them: the version travels along, dates have a calendar, big tables are searched."""

from .base import ModelForm, submit
from .choices import SearchSelect, offer, offer_current, replace
from .dressing import dress, dress_field
from .inputs import (
    ClockField,
    DateInput,
    DateTimeInput,
    JSONField,
    TimeInput,
    hide_unless,
    in_order,
    plausible,
)

__all__ = [
    "ClockField",
    "DateInput",
    "DateTimeInput",
    "JSONField",
    "ModelForm",
    "SearchSelect",
    "TimeInput",
    "dress",
    "dress_field",
    "hide_unless",
    "in_order",
    "offer",
    "offer_current",
    "plausible",
    "replace",
    "submit",
]
