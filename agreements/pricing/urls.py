from django.urls import path

from . import views

urlpatterns = [
    path("<str:number>/prices/", views.prices, name="agreement_prices"),
    path("<str:number>/prices/own/", views.own_list, name="agreement_own_list"),
    path("<str:number>/prices/<str:what>/", views.price_new, name="agreement_price_new"),
]
