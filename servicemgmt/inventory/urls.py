from django.urls import path

from . import views

app_name = "inventory"
urlpatterns = [
    path("", views.on_hand, name="on_hand"),
    path("moves/", views.moves, name="moves"),
    path("receive/", views.receive, name="receive"),
    path("transfer/", views.transfer, name="transfer"),
    path("return/", views.return_unused, name="return_unused"),
]
