from django.urls import path

from . import views

urlpatterns = [
    path("<str:number>/agree/", views.agree, name="agreement_agree"),
    path("<str:number>/sign/", views.sign, name="agreement_sign"),
    path("<str:number>/decline/", views.decline, name="agreement_decline"),
    path("<str:number>/offer/", views.offer, name="agreement_offer"),
]
