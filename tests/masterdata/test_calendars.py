"""Openings of a calendar that overlap, or end before they begin, are refused with a sentence."""

from datetime import date

import pytest

from servicemgmt.core.errors import Invalid
from servicemgmt.core.operations.masters import save_master
from servicemgmt.core.setup import SETUPS

SUNDAY, EASTER = 6, date(2027, 3, 29)


def save(hours, days=()):
    rows = {
        "calendarhours": [dict(zip(("weekday", "opens", "closes"), row, strict=True)) for row in hours],
        "calendarday": [
            dict(zip(("day", "opens", "closes", "reason"), (*row, ""), strict=True)) for row in days
        ],
    }
    values = {"code": "SPLIT", "description": "Split days", "standard_day_minutes": 480}
    return save_master(SETUPS["workcalendar"], None, values=values, children=rows, version=None, by=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("hours", "days", "sentence"),
    [
        ([(SUNDAY, 720, 480)], [], "An opening ends after it begins."),
        ([(SUNDAY, 480, 480)], [], "An opening ends after it begins."),
        ([(SUNDAY, 480, 720), (SUNDAY, 660, 780)], [], "Two openings of a weekday overlap."),
        ([], [(EASTER, 720, 480)], "An opening ends after it begins."),
        ([], [(EASTER, 480, None)], "An opening needs from when and to when."),
        ([], [(EASTER, 480, 720), (EASTER, 600, 780)], "Openings of a day overlap"),
        ([], [(EASTER, None, None), (EASTER, 600, 780)], "Openings of a day overlap"),
    ],
)
def test_an_opening_that_cannot_be_is_refused_with_a_sentence(hours, days, sentence):
    with pytest.raises(Invalid, match=sentence):
        save(hours, days)


@pytest.mark.django_db
def test_several_openings_of_a_day_may_touch():
    calendar = save([(SUNDAY, 480, 720), (SUNDAY, 720, 780)], [(EASTER, 480, 720), (EASTER, 780, 1440)])
    assert calendar.hours.count() == calendar.days.count() == 2
