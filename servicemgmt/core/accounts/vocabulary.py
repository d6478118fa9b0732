"""How the audit trail speaks of people, invitations and signing in."""

from django.utils.translation import gettext_lazy as _

from ..audit import register_subject
from ..trail import name_actions

register_subject("user", permission="core.view_user", view="core:user")
register_subject("invitation", permission="core.view_invitation", view="core:invitation")
register_subject("rolepolicy", permission="core.view_rolepolicy", url=lambda pk: ("core:roles", []))

name_actions(
    {
        "deactivated": _("Access closed"),
        "factor_added": _("Second factor added"),
        "factor_removed": _("Second factor removed"),
        "factor_renamed": _("Passkey renamed"),
        "identity_confirmed": _("Confirmed to be still the same person"),
        "invitation_accepted": _("Invitation accepted"),
        "invitation_sent_again": _("Invitation sent again"),
        "invitation_withdrawn": _("Invitation withdrawn"),
        "invited": _("Invited"),
        "password_accepted": _("Password right, second factor asked for"),
        "password_changed": _("Password changed"),
        "password_reset": _("Password changed with a link by mail"),
        "password_reset_requested": _("Link for a new password asked for"),
        "reactivated": _("Access opened again"),
        "recovery_codes_renewed": _("New recovery codes made"),
        "second_factor_failed": _("Second factor wrong"),
        "second_factor_reset": _("Second factor removed by an administrator"),
        "sessions_ended": _("Signed out on other devices"),
        "sign_in_failed": _("Sign-in failed"),
        "sign_in_locked": _("Sign-in locked after too many failures"),
        "sign_in_refused": _("Sign-in refused: access is closed"),
        "signed_in": _("Signed in"),
        "signed_out": _("Signed out"),
    }
)
