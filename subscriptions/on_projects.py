"""What subscriptions ask of the project that they are charged on."""

from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Sentence
from servicemgmt.projects.kinds import register
from servicemgmt.projects.models import Project, ProjectKind

from .models import Subscription


def why_not_kind(project: Project, kind: str) -> Sentence | None:
    """SB-01: the fees of a subscription are charged on a time and material project."""
    if kind != ProjectKind.TIME_AND_MATERIAL and Subscription.objects.filter(project=project).exists():
        return _("Subscriptions are charged on this project; they need a time and material project.")
    return None


register(why_not_kind)
