from django.urls import include, path

from .views import (
    additions,
    credits,
    einvoices,
    invoices,
    prices,
    projects,
    proposals,
    transactions,
)

app_name = "projects"
urlpatterns = [
    path("", projects.projects, name="projects"),
    path("new/", projects.project_new, name="project_new"),
    path("transactions/", transactions.transactions, name="transactions"),
    path("transactions/propose/", transactions.propose_ticked, name="propose_ticked"),
    path("transactions/credit/", credits.select_for_credit, name="select_for_credit"),
    path("transactions/<int:pk>/", transactions.transaction, name="transaction"),
    path("prices/", prices.prices, name="prices"),
    path("requirements/", include("servicemgmt.projects.requirements.urls")),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/new/", proposals.propose, name="propose"),
    path("proposals/post/", proposals.post_ticked, name="post_ticked"),
    path("proposals/<str:number>/", proposals.proposal, name="proposal"),
    path("proposals/<str:number>/date/", proposals.proposal_date, name="proposal_date"),
    path("proposals/<str:number>/delete/", proposals.proposal_delete, name="proposal_delete"),
    path("proposals/<str:number>/post/", proposals.proposal_post, name="proposal_post"),
    path("proposals/<str:number>/fee/", additions.fee_add, name="fee_add"),
    path("proposals/<str:number>/lines/<int:pk>/", proposals.line_change, name="line_change"),
    path("proposals/<str:number>/lines/<int:pk>/drop/", proposals.line_drop, name="line_drop"),
    path("invoices/", invoices.invoices, name="invoices"),
    path("invoices/<str:number>/", invoices.invoice, name="invoice"),
    path("invoices/<str:number>/ubl/", einvoices.invoice_ubl, name="invoice_ubl"),
    path("invoices/<str:number>/credit/", credits.invoice_credit, name="invoice_credit"),
    path("", include("servicemgmt.projects.receivables.urls")),
    path("<str:number>/", projects.project, name="project"),
    path("<str:number>/edit/", projects.project_edit, name="project_edit"),
    path("<str:number>/close/", projects.project_close, name="project_close"),
    path("<str:number>/reopen/", projects.project_reopen, name="project_reopen"),
    path("<str:number>/propose/", projects.project_propose, name="project_propose"),
]
