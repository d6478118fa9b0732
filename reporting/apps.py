from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "reporting"
    label = "reporting"
    verbose_name = _("Reporting")

    def ready(self) -> None:
        from servicemgmt.core.documents import register_maker

        from .documents.archive import keep_agreement, keep_invoice, keep_receipt, keep_reminder

        register_maker("agreement", keep_agreement)
        register_maker("invoice", keep_invoice)
        register_maker("receipt", keep_receipt)
        register_maker("reminder", keep_reminder)
