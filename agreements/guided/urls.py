from django.urls import path

from . import views

urlpatterns = [
    path("", views.header, name="guided"),
    path("relations/", views.relations, name="guided_relations"),
    path("lines/", views.lines, name="guided_lines"),
]
