from django.urls import path

from . import views

urlpatterns = [
    path("loans/", views.loans, name="loans"),
    path("loans/new/", views.loan_new, name="loan_new"),
    path("loans/<int:pk>/", views.loan, name="loan"),
    path("loans/<int:pk>/extend/", views.loan_extend, name="loan_extend"),
    path("loans/<int:pk>/return/", views.loan_return, name="loan_return"),
    path("loans/of-object/<str:number>/", views.object_loans, name="object_loans"),
    path("<str:number>/loans/", views.order_lend, name="order_lend"),
    path("<str:number>/loans/<int:pk>/return/", views.order_return, name="order_return"),
]
