from django.db import models
from django.db.models.functions import MD5
from django.utils.translation import gettext_lazy as _

from servicemgmt.core.models import Versioned


class Wording(Versioned):
    """What a text of the setup is called on documents for customers who are written to in another language.

    Which languages there are is the installation's matter, not the database's: the setup asks for one of them.
    """

    language = models.CharField(
        _("language"), max_length=10, help_text=_("Its code, such as “de” for German.")
    )
    text = models.TextField(_("text in the setup"), max_length=2000)
    wording = models.TextField(_("on documents"), max_length=2000)

    class Meta:
        ordering = ["language", "text"]
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = [models.UniqueConstraint("language", MD5("text"), name="wording_once_per_text")]

    def __str__(self) -> str:
        return self.text[:60]
