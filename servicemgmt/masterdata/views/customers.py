from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from servicemgmt.core.audit import subject_of
from servicemgmt.core.lists import list_page
from servicemgmt.core.web import allow, offers, page

from .. import operations
from ..forms import ContactForm, CustomerForm
from ..lists import CUSTOMERS
from ..models import Contact, Customer
from ..queries import company, company_today
from .editing import crumb, edited


@require_GET
@allow("masterdata.view_customer")
def customers(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, CUSTOMERS, Customer.objects.all())


@require_GET
@allow("masterdata.view_customer")
def customer(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        Customer.objects.select_related("currency", "tax_group", "payment_term"), number=number
    )
    context = {
        "customer": found,
        "subject": subject_of(found),
        "title": found.name,
        "subtitle": found.number,
        "offers": offers(
            request.user,
            (_("New order"), "file-plus", "orders:order_new", {"customer": found.pk}),
            (_("New object"), "boxes", "agreements:object_new", {"customer": found.number}),
            (_("New project"), "folder", "projects:project_new", {"customer": found.number}),
        ),
        "sites": found.sites.current(company_today()).filter(one_time=False),
        "contacts": found.contacts.current(company_today()),
        "facts": [
            (
                _("Address"),
                ", ".join(filter(None, [found.street, f"{found.postal_code} {found.city}".strip()])),
            ),
            (_("Country"), found.country),
            (_("Phone"), found.phone, f"tel:{found.phone.replace(' ', '')}" if found.phone else ""),
            (_("E-mail"), found.email, f"mailto:{found.email}" if found.email else ""),
            (_("Invoices by e-mail to"), found.invoice_email),
            (_("Currency"), found.currency.code),
            (_("Tax group"), found.tax_group.description),
            (_("VAT number"), found.tax_number),
            (_("Payment term"), found.payment_term.description),
            (_("One invoice per"), found.get_one_invoice_per_display()),
            (_("Notes"), found.notes),
        ],
    }
    return page(request, "masterdata/customer.html", context)


@require_http_methods(["GET", "POST"])
@allow("masterdata.add_customer")
def customer_new(request: HttpRequest) -> HttpResponse:
    own = company()
    return edited(
        request,
        CustomerForm,
        lambda form: operations.create_customer(by=request.user, **form.values),
        title=_("New customer"),
        crumbs=[crumb(_("Customers"), "masterdata:customers")],
        done_url=lambda row: reverse("masterdata:customer", args=[row.number]),
        initial={"currency": own.currency_id, "country": own.country, "language": own.language},
    )


@require_http_methods(["GET", "POST"])
@allow("masterdata.change_customer")
def customer_edit(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Customer, number=number)
    url = reverse("masterdata:customer", args=[number])
    return edited(
        request,
        CustomerForm,
        lambda form: operations.save_customer(found.pk, version=form.version, by=request.user, **form.values),
        title=_("Edit %(name)s") % {"name": found.name},
        crumbs=[
            crumb(_("Customers"), "masterdata:customers"),
            crumb(found.number, "masterdata:customer", found.number),
        ],
        done_url=lambda row: url,
        instance=found,
    )


@require_http_methods(["GET", "POST"])
@allow("masterdata.add_contact")
def contact_new(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(Customer, number=number)
    url = reverse("masterdata:customer", args=[number])
    return edited(
        request,
        ContactForm,
        lambda form: operations.create_contact(customer=found, by=request.user, **form.values),
        title=_("New contact of %(customer)s") % {"customer": found},
        crumbs=[
            crumb(_("Customers"), "masterdata:customers"),
            crumb(found.number, "masterdata:customer", found.number),
        ],
        done_url=lambda row: url,
    )


@require_http_methods(["GET", "POST"])
@allow("masterdata.change_contact")
def contact_edit(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    found = get_object_or_404(Contact, pk=pk, customer__number=number)
    url = reverse("masterdata:customer", args=[number])
    return edited(
        request,
        ContactForm,
        lambda form: operations.save_contact(found.pk, version=form.version, by=request.user, **form.values),
        title=_("Edit %(name)s") % {"name": found.name},
        crumbs=[crumb(_("Customers"), "masterdata:customers"), crumb(number, "masterdata:customer", number)],
        done_url=lambda row: url,
        instance=found,
    )
