from django.urls import path

from . import views

urlpatterns = [
    path("adjustments/", views.adjustments, name="adjustments"),
    path("adjustments/new/", views.adjustment_new, name="adjustment_new"),
    path("adjustments/chosen/", views.chosen, name="adjust_chosen"),
    path("adjustments/<int:pk>/", views.adjustment, name="adjustment"),
    path("adjustments/<int:pk>/apply/", views.apply, name="adjustment_apply"),
    path("adjustments/<int:pk>/undo/", views.undo, name="adjustment_undo"),
    path("adjustments/<int:pk>/discard/", views.discard, name="adjustment_discard"),
]
