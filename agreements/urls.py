from django.urls import include, path

from .views import agreements, copying, detail, life, lines, objects, relations, serials

app_name = "agreements"
urlpatterns = [
    path("", agreements.agreements, name="agreements"),
    path("new/", agreements.agreement_new, name="agreement_new"),
    path("guided/", include("agreements.guided.urls")),
    path("group-sla/", agreements.group_sla, name="group_sla"),
    path("responsible/", life.responsible, name="responsible"),
    path("responsible/chosen/", life.chosen_responsible, name="chosen_responsible"),
    path("boms/", include("agreements.boms.urls")),
    path("objects/", objects.objects, name="objects"),
    path("objects-with/", serials.objects_with, name="objects_with"),
    path("objects/new/", objects.object_new, name="object_new"),
    path("objects/<str:number>/", objects.service_object, name="object"),
    path("objects/<str:number>/edit/", objects.object_edit, name="object_edit"),
    path("objects/<str:number>/move/", objects.object_move, name="object_move"),
    path("objects/<str:number>/serial/", serials.object_swap, name="object_swap"),
    path("", include("agreements.pricing.urls")),
    path("<str:number>/", detail.agreement, name="agreement"),
    path("<str:number>/edit/", agreements.agreement_edit, name="agreement_edit"),
    path("<str:number>/delete/", agreements.agreement_delete, name="agreement_delete"),
    path("<str:number>/suspend/", life.suspend, name="agreement_suspend"),
    path("<str:number>/resume/", life.resume, name="agreement_resume"),
    path("<str:number>/end/", life.end, name="agreement_end"),
    path("<str:number>/copy-lines/", copying.copy_lines, name="copy_lines"),
    path("<str:number>/lines/new/", lines.line_new, name="line_new"),
    path("<str:number>/lines/<int:pk>/", lines.line_edit, name="line_edit"),
    path("<str:number>/lines/<int:pk>/stop/", lines.line_stop, name="line_stop"),
    path("<str:number>/lines/<int:pk>/restart/", lines.line_restart, name="line_restart"),
    path("<str:number>/lines/<int:pk>/remove/", lines.line_remove, name="line_remove"),
    path("<str:number>/objects/", relations.relate_object, name="relate_object"),
    path("<str:number>/objects/<int:pk>/remove/", relations.unrelate_object, name="unrelate_object"),
    path("<str:number>/tasks/", relations.relate_task, name="relate_task"),
    path("<str:number>/tasks/<int:pk>/", relations.task_notes, name="task_notes"),
    path("<str:number>/tasks/<int:pk>/remove/", relations.unrelate_task, name="unrelate_task"),
]
