from django.urls import path

from . import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("new/", views.upload, name="import"),
    path("mappings/", views.mappings, name="import_mappings"),
]
