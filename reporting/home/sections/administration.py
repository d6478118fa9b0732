"""The start page of administrators."""

from django.utils.translation import gettext as _

from servicemgmt.core.roles import ADMINISTRATOR

from ..numbers import FEW, Numbers
from ..parts import Panel, Row, Section, count, link
from .common import run_row


def administrator(now: Numbers) -> Section:
    people, invitations, failed = list(now.without_factor), now.invitations, now.failed
    tiles = [
        count(
            _("Users without a second factor"), len(people), link("core:users", tab="active"), tone="orange"
        ),
        count(
            _("Open invitations"),
            invitations["open"] + invitations["expired"],
            link("core:invitations", tab="open"),
            note=_("%(count)s expired") % {"count": invitations["expired"]} if invitations["expired"] else "",
        ),
        count(
            _("Failed runs, 30 days"),
            len(failed),
            link("core:runs", status="FAILED", queued_at_after=now.failed_since.isoformat()),
            tone="red",
        ),
    ]
    users = [Row(user.name or user.email, link("core:user", user.pk), user.email) for user in people[:FEW]]
    runs = [run_row(run, _("Failed"), "red") for run in failed[:FEW]]
    panels = [
        Panel(
            _("Sign in with a password alone"),
            _("Everybody has a second factor."),
            link("core:users", tab="active"),
            rows=users,
        ),
        Panel(_("Failed runs"), _("No run failed."), link("core:runs", status="FAILED"), rows=runs),
    ]
    return Section(ADMINISTRATOR, _("Administration"), tiles, panels)
