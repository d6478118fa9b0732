"""The short addresses that stand on labels. They are printed, so they never change."""

from django.urls import path

from .views import objects

app_name = "scan"
urlpatterns = [path("<str:number>/", objects.scanned, name="object")]
