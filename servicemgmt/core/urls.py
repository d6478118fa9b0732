from django.urls import include, path

from .views import events, health, imports, mails, runs, search, setup

app_name = "core"
urlpatterns = [
    path("", include("servicemgmt.core.account_urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("search/", search.search, name="search"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/messages/", runs.run_messages, name="run_messages"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run_cancel"),
    path("runs/<int:pk>/retry/", runs.run_retry, name="run_retry"),
    path("mails/", mails.mails, name="mails"),
    path("mails/<int:pk>/", mails.mail, name="mail"),
    path("mails/<int:pk>/resend/", mails.mail_resend, name="mail_resend"),
    path("audit/", events.events, name="events"),
    path("audit/of/<str:subject>/", events.event_subject, name="event_subject"),
    path("audit/open/<str:subject>/", events.open_subject, name="open_subject"),
    path("setup/", setup.index, name="setup"),
    path("setup/<slug:name>/", setup.setup_list, name="setup_list"),
    path("setup/<slug:name>/new/", setup.setup_new, name="setup_new"),
    path("setup/<slug:name>/import/", imports.setup_import, name="setup_import"),
    path("setup/<slug:name>/import/confirm/", imports.setup_import_confirm, name="setup_import_confirm"),
    path("setup/<slug:name>/<str:pk>/", setup.setup_edit, name="setup_edit"),
    path("setup/<slug:name>/<str:pk>/end/", setup.setup_end, name="setup_end"),
    path("setup/<slug:name>/<str:pk>/delete/", setup.setup_delete, name="setup_delete"),
]
