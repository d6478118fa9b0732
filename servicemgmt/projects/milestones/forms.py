from servicemgmt.core.forms import ModelForm

from ..models import Milestone


class MilestoneForm(ModelForm):
    """A milestone as it is planned; its project is named by the page."""

    class Meta:
        model = Milestone
        fields = ["description", "due_on", "amount", "category"]
