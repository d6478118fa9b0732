from django.urls import path

from ..views import milestones

urlpatterns = [
    path("", milestones.milestones, name="milestones"),
    path("<int:pk>/", milestones.milestone, name="milestone"),
    path("<int:pk>/edit/", milestones.milestone_edit, name="milestone_edit"),
    path("<int:pk>/delete/", milestones.milestone_delete, name="milestone_delete"),
    path("<int:pk>/complete/", milestones.milestone_complete, name="milestone_complete"),
    path("<int:pk>/undo/", milestones.milestone_undo, name="milestone_undo"),
]
