from django.urls import path

from .views import counts, lots, stock

app_name = "inventory"
urlpatterns = [
    path("", stock.on_hand, name="on_hand"),
    path("moves/", stock.moves, name="moves"),
    path("numbers/", lots.lots, name="lots"),
    path("numbers/<int:pk>/", lots.lot, name="lot"),
    path("receive/", stock.receive, name="receive"),
    path("transfer/", stock.transfer, name="transfer"),
    path("return/", stock.return_unused, name="return_unused"),
    path("counts/", counts.counts, name="counts"),
    path("counts/lines/", counts.counted, name="counted"),
    path("counts/new/", counts.count_new, name="count_new"),
    path("counts/<int:pk>/", counts.count, name="count"),
    path("counts/<int:pk>/items/", counts.count_item, name="count_item"),
    path("counts/<int:pk>/read/", counts.count_read, name="count_read"),
    path("counts/<int:pk>/post/", counts.count_post, name="count_post"),
    path("counts/<int:pk>/drop/", counts.count_drop, name="count_drop"),
]
