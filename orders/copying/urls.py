from django.urls import path

from . import views

urlpatterns = [
    path("<str:number>/copy-lines/", views.copy_lines, name="copy_lines"),
    path("<str:number>/to-agreement/", views.to_agreement, name="to_agreement"),
]
