"""What a user says about himself."""

import zoneinfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ...audit import changed, record
from ...errors import Invalid, Stale
from ...models import User
from ...models.user import RowHeight, Theme, Tray

FIELDS = ["name", "language", "time_zone", "theme"]


@transaction.atomic
def change_profile(
    user_id: int, *, version: int, name: str, language: str, time_zone: str, theme: str
) -> User:
    """Change one's own name, language, IANA time zone ("" is the company's) and theme.

    Raises Stale, and Invalid for a language, zone or theme that is not known.
    """
    user = User.objects.select_for_update(of=["self"], no_key=True).get(pk=user_id)
    if user.version != version:
        raise Stale(_("Your profile was changed in another window meanwhile. This is how it stands now."))
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("This language is not offered."), field="language")
    if time_zone and time_zone not in zoneinfo.available_timezones():
        raise Invalid(_("This time zone is not known."), field="time_zone")
    _check_theme(theme)
    before = {field: getattr(user, field) for field in FIELDS}
    after = {"name": name.strip(), "language": language, "time_zone": time_zone, "theme": theme}
    changes = changed(before, after)
    if changes:
        for field, value in after.items():
            setattr(user, field, value)
        user.version += 1
        user.save(update_fields=[*FIELDS, "version"])
        record("changed", user, by=user, changes=changes)
    return user


def choose_theme(user_id: int, theme: str) -> None:
    """Light, dark or as the device. Leaves no Event: nobody else is touched. Raises Invalid."""
    _check_theme(theme)
    User.objects.filter(pk=user_id).update(theme=theme)


def lay_out_board(user_id: int, *, tray: str, rows: str) -> None:
    """How one likes the dispatch board. Leaves no Event: nobody else is touched. Raises Invalid."""
    if tray not in Tray.values or rows not in RowHeight.values:
        raise Invalid(_("There is no such layout of the board."))
    User.objects.filter(pk=user_id).update(board_tray=tray, board_rows=rows)


def _check_theme(theme: str) -> None:
    if theme not in Theme.values:
        raise Invalid(_("There is no such theme."), field="theme")
