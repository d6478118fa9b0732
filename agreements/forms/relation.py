from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import AgreementTask, ServiceAgreement, ServiceObject, ServiceTask
from servicemgmt.core.forms import ModelForm, dress, offer_current


class RelateObjectForm(forms.Form):
    """AG-12: an object to attach; the reference tells two attachments of one object apart."""

    service_object = forms.ModelChoiceField(label=_("Service object"), queryset=ServiceObject.objects.all())
    reference = forms.CharField(
        label=_("Reference"),
        max_length=80,
        required=False,
        help_text=_("Only to tell two of the same object apart."),
    )

    def __init__(self, *args: Any, agreement: ServiceAgreement, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="object_%s", **kwargs)
        dress(self)
        if agreement.customer_id:
            self.fields["service_object"].widget.narrow = {"customer": agreement.customer_id}


class RelateTaskForm(forms.Form):
    """AG-11: a task to attach; its own notes come along and can be changed afterwards."""

    service_task = forms.ModelChoiceField(label=_("Task"), queryset=ServiceTask.objects.all())

    def __init__(self, *args: Any, agreement: ServiceAgreement, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="task_%s", **kwargs)
        dress(self)
        offer_current(self.fields["service_task"], None)
        related = agreement.task_relations.values("service_task")
        self.fields["service_task"].queryset = self.fields["service_task"].queryset.exclude(pk__in=related)


class NotesForm(ModelForm):
    """What technician and customer read about a task on this agreement's visits."""

    class Meta:
        model = AgreementTask
        fields = ["note_internal", "note_external"]
