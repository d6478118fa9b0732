"""Where the trail finds a loan, and what it calls what is done with one."""

from django.utils.translation import gettext_lazy as _

from servicemgmt.core.audit import register_subject
from servicemgmt.core.trail import name_actions

register_subject("loan", permission="orders.view_loan", view="orders:loan")
name_actions({"lent": _("Lent"), "extended": _("Lent for longer"), "taken_back": _("Taken back")})
