from django.urls import include, path

urlpatterns = [
    path("", include("reporting.urls")),
    path("", include("servicemgmt.core.urls")),
    path("accounts/", include("servicemgmt.core.accounts.urls")),
    path("masterdata/", include("servicemgmt.masterdata.urls")),
    path("ledger/", include("servicemgmt.ledger.urls")),
    path("stock/", include("servicemgmt.inventory.urls")),
    path("projects/", include("servicemgmt.projects.urls")),
    path("agreements/", include("agreements.urls")),
    path("subscriptions/", include("subscriptions.urls")),
    path("orders/", include("orders.urls")),
    path("dispatch/", include("dispatch.urls")),
    path("o/", include("dispatch.scan_urls")),
]
