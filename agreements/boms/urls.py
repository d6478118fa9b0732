from django.urls import path

from ..views import service_boms, template_boms

urlpatterns = [
    path("", service_boms.bom_parts, name="bom_parts"),
    path("history/", service_boms.bom_changes, name="bom_changes"),
    path("templates/", template_boms.template_boms, name="template_boms"),
    path("templates/new/", template_boms.template_bom_new, name="template_bom_new"),
    path("templates/<str:number>/", template_boms.template_bom, name="template_bom"),
    path("templates/<str:number>/edit/", template_boms.template_bom_edit, name="template_bom_edit"),
    path("templates/<str:number>/delete/", template_boms.template_bom_delete, name="template_bom_delete"),
    path("templates/<str:number>/lines/", template_boms.template_line_add, name="template_line_add"),
    path(
        "templates/<str:number>/lines/<int:line>/",
        template_boms.template_line_change,
        name="template_line_change",
    ),
    path("attach/<int:relation>/", service_boms.bom_attach, name="bom_attach"),
    path("<int:pk>/", service_boms.service_bom, name="service_bom"),
    path("<int:pk>/parts/", service_boms.bom_part_add, name="bom_part_add"),
    path("<int:pk>/parts/<int:line>/delete/", service_boms.bom_part_delete, name="bom_part_delete"),
    path("<int:pk>/move/", service_boms.bom_move, name="bom_move"),
    path("<int:pk>/template/", service_boms.bom_template, name="bom_template"),
    path("<int:pk>/delete/", service_boms.bom_delete, name="bom_delete"),
]
