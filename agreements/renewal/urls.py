from django.urls import path

from . import views

urlpatterns = [
    path("ending/", views.expiring_list, name="expiring"),
    path("ending/renew/", views.renew_chosen, name="renew_chosen"),
    path("<str:number>/renew/", views.renew_one, name="agreement_renew"),
    path("<str:number>/notice/", views.notice, name="agreement_notice"),
    path("<str:number>/notice/withdraw/", views.withdraw, name="agreement_withdraw_notice"),
]
