from django.urls import path

from .views import fees, subscriptions

app_name = "subscriptions"
urlpatterns = [
    path("", subscriptions.subscriptions, name="subscriptions"),
    path("new/", subscriptions.subscription_new, name="subscription_new"),
    path("fees/", fees.fees, name="fees"),
    path("fees/new/", fees.fees_new, name="fees_new"),
    path("fees/invoice/", fees.fees_invoice, name="fees_invoice"),
    path("<str:number>/", subscriptions.subscription, name="subscription"),
    path("<str:number>/edit/", subscriptions.subscription_edit, name="subscription_edit"),
    path("<str:number>/active/", subscriptions.subscription_active, name="subscription_active"),
]
