from django.urls import path

from ..views import accruals

urlpatterns = [
    path("", accruals.accruals, name="accruals"),
    path("run/", accruals.accrue, name="accrue"),
    path("reverse/", accruals.accruals_reverse, name="accruals_reverse"),
    path("roll-forward/", accruals.roll_forward, name="roll_forward"),
    path("postings/", accruals.accrual_postings, name="accrual_postings"),
    path("of/<int:pk>/", accruals.accruals_of, name="accruals_of"),
    path("of/<int:pk>/delete/", accruals.accruals_delete, name="accruals_delete"),
]
