from django.urls import include, path

from . import subscription_lists
from .agreements import views as agreements
from .agreements.value.views import agreement_value
from .home.views import home
from .labels import views as labels
from .margin import views as margin
from .projects import views as projects

app_name = "reporting"
urlpatterns = [
    path("", home, name="home"),
    path("", include("reporting.documents.urls")),
    path("documents/labels/", labels.labels, name="labels"),
    path("documents/labels/sheets/", labels.label_sheets, name="label_sheets"),
    path("reports/margin/", margin.margin, name="margin"),
    path("reports/project-statement/", projects.statement, name="project_statement"),
    path("reports/work-in-progress/", projects.work_in_progress, name="work_in_progress"),
    path("reports/work-in-progress/lines/", projects.wip_lines, name="wip_lines"),
    path("reports/agreement-forecast/", agreements.agreement_forecast, name="agreement_forecast"),
    path("reports/agreement-value/", agreement_value, name="agreement_value"),
    path("reports/utilisation/", agreements.utilisation, name="utilisation"),
    path(
        "reports/transaction-subscription/",
        subscription_lists.subscription_transactions,
        name="subscription_transactions",
    ),
    path("reports/subscription-fees/", subscription_lists.fee_transactions, name="fee_transactions"),
]
