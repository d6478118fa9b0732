from django.urls import path

from .views import board, booking

app_name = "dispatch"
urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/changes/", board.changes, name="changes"),
    path("board/undo/", booking.undo, name="undo"),
    path("schedule/", booking.schedule, name="schedule"),
    path("bookings/<int:pk>/", booking.booking, name="booking"),
    path("bookings/<int:pk>/card/", booking.card, name="card"),
    path("bookings/<int:pk>/unbook/", booking.unbook, name="unbook"),
    path("bookings/<int:pk>/send/", booking.send, name="send"),
]
