from django.urls import path

from ..views import opening, payments, receivables, reminders

urlpatterns = [
    path("payments/", payments.payments, name="payments"),
    path("payments/new/", payments.payment_new, name="payment_new"),
    path("payments/<str:number>/", payments.payment, name="payment"),
    path("payments/<str:number>/reverse/", payments.payment_reverse, name="payment_reverse"),
    path("open-items/", receivables.open_items, name="open_items"),
    path("open-items/opening/", opening.opening_items, name="opening_items"),
    path("open-items/opening/new/", opening.opening_items_new, name="opening_items_new"),
    path("open-items/opening/check/", opening.opening_items_check, name="opening_items_check"),
    path("open-items/<int:pk>/", opening.open_item, name="open_item"),
    path("open-items/<int:pk>/settle/", receivables.item_settle, name="item_settle"),
    path("settlements/<int:pk>/undo/", receivables.settlement_undo, name="settlement_undo"),
    path("open-items/ageing/", receivables.ageing, name="ageing"),
    path("open-items/statements/<str:number>/", receivables.customer_statement, name="statement"),
    path("reminders/", reminders.reminders, name="reminders"),
    path("reminders/new/", reminders.remind, name="remind"),
    path("reminders/<str:number>/", reminders.reminder, name="reminder"),
    path("reminders/<str:number>/waive/", reminders.reminder_waive, name="reminder_waive"),
]
