from django.urls import path

from .views import customers, employees, sites

app_name = "masterdata"
urlpatterns = [
    path("customers/", customers.customers, name="customers"),
    path("customers/new/", customers.customer_new, name="customer_new"),
    path("customers/<str:number>/", customers.customer, name="customer"),
    path("customers/<str:number>/edit/", customers.customer_edit, name="customer_edit"),
    path("customers/<str:number>/contacts/new/", customers.contact_new, name="contact_new"),
    path("customers/<str:number>/contacts/<int:pk>/", customers.contact_edit, name="contact_edit"),
    path("sites/", sites.sites, name="sites"),
    path("sites/new/", sites.site_new, name="site_new"),
    path("sites/<str:number>/", sites.site, name="site"),
    path("sites/<str:number>/edit/", sites.site_edit, name="site_edit"),
    path("employees/", employees.employees, name="employees"),
    path("employees/new/", employees.employee_new, name="employee_new"),
    path("employees/<str:number>/", employees.employee, name="employee"),
    path("employees/<str:number>/edit/", employees.employee_edit, name="employee_edit"),
    path("employees/<str:number>/skills/", employees.skill_add, name="skill_add"),
    path("employees/<str:number>/skills/<int:pk>/remove/", employees.skill_remove, name="skill_remove"),
    path("employees/<str:number>/absences/", employees.absence_add, name="absence_add"),
    path("employees/<str:number>/absences/<int:pk>/remove/", employees.absence_remove, name="absence_remove"),
]
