from django.urls import path

from .views import balances, opening, periods, statements, vouchers

app_name = "ledger"
urlpatterns = [
    path("vouchers/", vouchers.vouchers, name="vouchers"),
    path("vouchers/<str:number>/", vouchers.voucher, name="voucher"),
    path("journal/", vouchers.journal, name="journal"),
    path("accounts/<str:code>/", statements.account, name="account"),
    path("trial-balance/", balances.trial_balance, name="trial_balance"),
    path("opening/", opening.openings, name="openings"),
    path("opening/new/", opening.opening_new, name="opening_new"),
    path("opening/check/", opening.opening_check, name="opening_check"),
    path("opening/<int:pk>/reverse/", opening.opening_reverse, name="opening_reverse"),
    path("periods/", periods.periods, name="periods"),
    path("periods/year/", periods.year_new, name="year_new"),
    path("periods/<int:pk>/close/", periods.period_close, name="period_close"),
    path("periods/<int:pk>/open/", periods.period_open, name="period_open"),
]
