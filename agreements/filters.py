from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter, FilterSet, ModelChoiceFilter

from servicemgmt.core.filters import DateFromToRangeFilter
from servicemgmt.masterdata.models import Customer, Employee, Site
from servicemgmt.masterdata.queries import company_today
from servicemgmt.projects.models import Project

from .models import (
    AgreementGroup,
    AgreementStatus,
    ServiceAgreement,
    ServiceLevelAgreement,
    ServiceObject,
    ServiceObjectGroup,
)


class AgreementFilter(FilterSet):
    """AG-20: by group, suspended, SLA, responsible; and by customer."""

    group = ModelChoiceFilter(label=_("Group"), queryset=AgreementGroup.objects.all())
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    project = ModelChoiceFilter(label=_("Project"), queryset=Project.objects.all())
    responsible = ModelChoiceFilter(label=_("Responsible"), queryset=Employee.objects.all())
    preferred_technician = ModelChoiceFilter(label=_("Preferred technician"), queryset=Employee.objects.all())
    sla = ModelChoiceFilter(label=_("SLA"), queryset=ServiceLevelAgreement.objects.all())
    status = ChoiceFilter(label=_("Status"), choices=AgreementStatus)
    suspended = BooleanFilter(label=_("Suspended"))
    end_date = DateFromToRangeFilter(label=_("Ends"))

    class Meta:
        model = ServiceAgreement
        fields: list[str] = []


class ObjectFilter(FilterSet):
    """The register by group, customer and site."""

    group = ModelChoiceFilter(label=_("Group"), queryset=ServiceObjectGroup.objects.all())
    customer = ModelChoiceFilter(label=_("Customer"), queryset=Customer.objects.all())
    site = ModelChoiceFilter(label=_("Site"), queryset=Site.objects.all())
    parent = ModelChoiceFilter(label=_("Part of"), queryset=ServiceObject.objects.all())
    is_loaner = BooleanFilter(label=_("May be lent"))
    under_warranty = BooleanFilter(label=_("Under warranty"), method="filter_warranty")

    class Meta:
        model = ServiceObject
        fields: list[str] = []

    def filter_warranty(
        self, rows: QuerySet[ServiceObject], _name: str, is_covered: bool
    ) -> QuerySet[ServiceObject]:
        """Whose parts or labour are under warranty today, or whose are not."""
        today = company_today()
        covered = Q(warranty_parts_until__gte=today) | Q(warranty_labour_until__gte=today)
        return rows.filter(covered) if is_covered else rows.exclude(covered)
