from django.urls import path

from .views import board, booking, day, job, objects, work

app_name = "dispatch"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/changes/", board.changes, name="changes"),
    path("board/layout/", board.layout, name="layout"),
    path("board/undo/", booking.undo, name="undo"),
    path("schedule/", booking.schedule, name="schedule"),
    path("bookings/<int:pk>/", booking.booking, name="booking"),
    path("bookings/<int:pk>/card/", booking.card, name="card"),
    path("bookings/<int:pk>/unbook/", booking.unbook, name="unbook"),
    path("bookings/<int:pk>/send/", booking.send, name="send"),
    path("day/", day.day, name="day"),
    path("sw.js", day.service_worker, name="service_worker"),
    path("objects/<str:number>/", objects.tablet, name="object"),
    path("jobs/<int:pk>/", job.job, name="job"),
    path("jobs/<int:pk>/press/", work.press, name="press"),
    path("jobs/<int:pk>/hours/", work.hours, name="hours"),
    path("jobs/<int:pk>/part/", work.part, name="part"),
    path("jobs/<int:pk>/expense/", work.expense, name="expense"),
    path("jobs/<int:pk>/fee/", work.fee, name="fee"),
    path("jobs/<int:pk>/repair/", work.repair, name="repair"),
    path("jobs/<int:pk>/sign/", work.sign, name="sign"),
]
