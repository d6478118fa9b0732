from .invitations import accept_invitation, check_invitation, invite, resend_invitation, withdraw_invitation
from .policies import set_role_policy
from .profile import change_profile, choose_theme, lay_out_board
from .users import (
    change_user,
    deactivate_user,
    end_sessions,
    reactivate_user,
    record_reset_request,
    reset_second_factor,
)

__all__ = [
    "accept_invitation",
    "change_profile",
    "change_user",
    "check_invitation",
    "choose_theme",
    "deactivate_user",
    "end_sessions",
    "invite",
    "lay_out_board",
    "reactivate_user",
    "record_reset_request",
    "resend_invitation",
    "reset_second_factor",
    "set_role_policy",
    "withdraw_invitation",
]
