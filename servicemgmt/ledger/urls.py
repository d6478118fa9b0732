from django.urls import path

from .views import balances, periods, statements, vouchers

app_name = "ledger"
urlpatterns = [
    path("vouchers/", vouchers.vouchers, name="vouchers"),
    path("vouchers/<str:number>/", vouchers.voucher, name="voucher"),
    path("accounts/<str:code>/", statements.account, name="account"),
    path("trial-balance/", balances.trial_balance, name="trial_balance"),
    path("periods/", periods.periods, name="periods"),
    path("periods/year/", periods.year_new, name="year_new"),
    path("periods/<int:pk>/close/", periods.period_close, name="period_close"),
    path("periods/<int:pk>/open/", periods.period_open, name="period_open"),
]
