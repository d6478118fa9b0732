"""What agreements ask of the project that they stand on."""

from django.utils.translation import gettext_lazy as _

from servicemgmt.core.errors import Sentence
from servicemgmt.projects.kinds import register
from servicemgmt.projects.models import Project, ProjectKind

from .models import ServiceAgreement


def why_not_kind(project: Project, kind: str) -> Sentence | None:
    """AG-01: no agreement stands on a time project, for nothing done there is charged."""
    if kind == ProjectKind.TIME and ServiceAgreement.objects.filter(project=project).exists():
        return _("Service agreements are attached to this project; a time project has none.")
    return None


register(why_not_kind)
