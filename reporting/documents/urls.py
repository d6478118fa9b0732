from django.urls import path

from . import agreement_views, receivable_views, views

urlpatterns = [
    path("documents/work-descriptions/", views.work_descriptions, name="work_descriptions"),
    path("documents/work-description/<str:number>/", views.work_description, name="work_description"),
    path("documents/work-receipt/<str:number>/", views.work_receipt, name="work_receipt"),
    path(
        "documents/work-receipt/<str:number>/signed/<int:key>/", views.signed_receipt, name="signed_receipt"
    ),
    path("documents/agreement/<str:number>/", agreement_views.agreement_document, name="agreement_document"),
    path("documents/agreement/<str:number>/send/", agreement_views.send_agreement, name="send_agreement"),
    path(
        "documents/agreement/<str:number>/signed/<int:key>/",
        agreement_views.signed_agreement,
        name="signed_agreement",
    ),
    path("documents/invoice/<str:number>/", views.invoice_pdf, name="invoice_pdf"),
    path("documents/statement/<str:number>/", receivable_views.statement_pdf, name="statement_pdf"),
    path("documents/reminder/<str:number>/", receivable_views.reminder_pdf, name="reminder_pdf"),
]
