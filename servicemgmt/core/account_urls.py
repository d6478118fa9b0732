"""The addresses of our own pages about people; core/urls.py takes them in under the name `core`."""

from django.urls import path

from .views import accounts, invitations, users

urlpatterns = [
    path("profile/", accounts.profile, name="profile"),
    path("profile/theme/", accounts.theme, name="theme"),
    path("users/", users.users, name="users"),
    path("users/<int:pk>/", users.user, name="user"),
    path("users/<int:pk>/deactivate/", users.deactivate, name="user_deactivate"),
    path("users/<int:pk>/reactivate/", users.reactivate, name="user_reactivate"),
    path("users/<int:pk>/second-factor/reset/", users.reset_factor, name="user_reset_factor"),
    path("users/<int:pk>/sessions/end/", users.end_sessions, name="user_end_sessions"),
    path("users/<int:pk>/password/reset/", users.send_reset, name="user_send_reset"),
    path("users/roles/", accounts.roles, name="roles"),
    path("users/roles/save/", accounts.role_policies, name="role_policies"),
    path("users/invitations/", invitations.invitations, name="invitations"),
    path("users/invitations/new/", invitations.invite, name="invite"),
    path("users/invitations/<int:pk>/", invitations.invitation, name="invitation"),
    path("users/invitations/<int:pk>/resend/", invitations.resend, name="invitation_resend"),
    path("users/invitations/<int:pk>/withdraw/", invitations.withdraw, name="invitation_withdraw"),
    path("invitation/<str:token>/", invitations.accept_invitation, name="accept_invitation"),
]
