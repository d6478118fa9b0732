from django.urls import path

from ..views import requirements

urlpatterns = [
    path("", requirements.requirements, name="requirements"),
    path("new/", requirements.requirement_new, name="requirement_new"),
    path("<int:pk>/", requirements.requirement, name="requirement"),
    path("<int:pk>/change/", requirements.requirement_change, name="requirement_change"),
    path("<int:pk>/delete/", requirements.requirement_delete, name="requirement_delete"),
    path("<int:pk>/pick/", requirements.requirement_pick, name="requirement_pick"),
    path("<int:pk>/return/", requirements.requirement_return, name="requirement_return"),
    path("<int:pk>/consume/", requirements.requirement_consume, name="requirement_consume"),
    path("<int:pk>/steps/<int:step>/undo/", requirements.requirement_undo, name="requirement_undo"),
]
