"""Planning visits, and the lists of orders that belong to something."""

from django.urls import path

from .views import plan, related

urlpatterns = [
    path("plan/", plan.plan_many, name="plan_many"),
    path("plan/preview/", plan.preview_all, name="preview_all"),
    path("plan/chosen/", plan.plan_chosen, name="plan_chosen"),
    path("plan/<str:number>/", plan.plan, name="plan"),
    path("of-agreement/<str:number>/", related.agreement_orders, name="agreement_orders"),
    path("of-object/<str:number>/", related.object_orders, name="object_orders"),
    path("of-run/<int:pk>/", related.run_orders, name="run_orders"),
]
