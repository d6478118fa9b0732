"""What of projects can be searched for, and the things the audit trail knows."""

from django.utils.translation import gettext_lazy

from servicemgmt.core import search
from servicemgmt.core.audit import register_subject

from ..models import Category, Project

search.register(
    Project,
    label=gettext_lazy("Projects"),
    permission="projects.view_project",
    sub=lambda row: str(row.customer),
    filters=["customer"],
)
search.register(
    Category,
    label=gettext_lazy("Categories"),
    permission=("projects.view_project", "projects.view_category"),
    text=lambda row: f"{row.code} {row.description}",
    filters=["kind"],
)

SUBJECTS = [
    ("project", "projects.view_project", "projects:project", "number", gettext_lazy("Project")),
    ("transaction", "projects.view_transaction", "projects:transaction", "pk", gettext_lazy("Transaction")),
    (
        "invoiceproposal",
        "projects.view_invoiceproposal",
        "projects:proposal",
        "number",
        gettext_lazy("Invoice proposal"),
    ),
    ("invoice", "projects.view_invoice", "projects:invoice", "number", gettext_lazy("Invoice")),
    ("payment", "projects.view_payment", "projects:payment", "number", gettext_lazy("Payment")),
    (
        "customeritem",
        "projects.view_customeritem",
        "projects:open_item",
        "pk",
        gettext_lazy("Open item"),
    ),
    ("reminder", "projects.view_reminder", "projects:reminder", "number", gettext_lazy("Reminder")),
]
for name, permission, view, key, label in SUBJECTS:
    register_subject(name, permission=permission, view=view, key=key, label=label)
