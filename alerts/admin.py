"""What operators see: tariffs, what each month and each alert cost, how the ways out and the parts of the service are.

Nothing here says who or where anybody is.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from alerts.domain import costs, looking
from alerts.domain.costs import Bill
from alerts.models import Account, Alert, Beat, Rest, Tariff
from alerts.states import Channel

_CHANNELS = [(str(channel), str(channel)) for channel in Channel]


class TariffForm(forms.ModelForm):  # type: ignore[type-arg]
    """One price; the channel is one of ours."""

    channel = forms.ChoiceField(label=_("canal"), choices=_CHANNELS)


@admin.register(Tariff)
class TariffAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The operator's prices, and beside them the page of what a month costs."""

    form = TariffForm
    list_display = ["provider", "channel", "prefix", "price"]
    change_list_template = "admin/alerts/tariffs.html"

    def get_urls(self) -> list[URLPattern]:
        """The page of costs stands before the pages of single rows."""
        page = path("costs/", self.admin_site.admin_view(self.costs), name="alerts_costs")
        return [page, *super().get_urls()]

    def costs(self, request: HttpRequest) -> HttpResponse:
        """What one month (`?month=2026-11`, the present one unless said) costs, by association."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            at = costs.month_named(request.GET["month"]) if "month" in request.GET else timezone.now()
        except ValueError:
            return HttpResponseNotFound()
        begin, following = costs.month(at)
        before = begin - timedelta(days=1)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Coûts du mois"),
            "opts": self.opts,
            "charges": costs.of_month(at),
            "month": begin,
            "before": f"{before:%Y-%m}",
            "following": f"{following:%Y-%m}" if following <= timezone.now() else "",
        }
        return TemplateResponse(request, "admin/alerts/costs.html", shown)


class _Priced(ChangeList):
    """A page of alerts, each with its bill: one query for all of them. Whose they are read that staff saw them."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, then what its alerts cost."""
        super().get_results(request)
        alerts = list(self.result_list)
        if isinstance(request.user, Account):
            looking.by_staff(alerts, request.user, now=timezone.now())
        bills = costs.of_alerts(alerts)
        for alert in alerts:
            alert.bill = bills.get(alert.pk, Bill())
        self.result_list = alerts


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the service alone writes: looked at here, never touched. A list says all there is to say."""

    list_display_links = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts as figures. Read only: nobody opens, ends or erases one here, nor reads who is in it."""

    list_display = ["opened_at", "kind", "state", "drill", "association", "sms_parts", "call_minutes", "mails", "euros"]
    list_filter = ["state", "kind", "drill", ("victim__canary", admin.BooleanFieldListFilter)]
    list_per_page = 50
    date_hierarchy = "opened_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        """Without what is encrypted."""
        rows = super().get_queryset(request).select_related("victim__association")
        return rows.only("opened_at", "kind", "state", "drill", "victim__association__name")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that knows the bills."""
        return _Priced

    @admin.display(description=_("association"))
    def association(self, alert: Alert) -> str:
        """Whose she is."""
        return str(alert.victim.association or "")

    @admin.display(description=_("SMS"))
    def sms_parts(self, alert: Any) -> int:
        """Billed segments."""
        return int(alert.bill.sms_parts)

    @admin.display(description=_("minutes"))
    def call_minutes(self, alert: Any) -> int:
        """Begun minutes."""
        return int(alert.bill.call_minutes)

    @admin.display(description=_("e-mails"))
    def mails(self, alert: Any) -> int:
        """Mails that a server took."""
        return int(alert.bill.mails)

    @admin.display(description=_("euros"))
    def euros(self, alert: Any) -> str:
        """What the tariffs make of it, as far as there are any."""
        return str(localize(round(alert.bill.euros, 2)))


@admin.register(Rest)
class RestAdmin(ReadOnlyAdmin):
    """Networks that are left in peace at present, and why: another one carries meanwhile."""

    list_display = ["provider", "channel", "reason", "at", "until"]
    ordering = ["-at"]


@admin.register(Beat)
class BeatAdmin(ReadOnlyAdmin):
    """When each part of the service was last known to be well."""

    list_display = ["name", "at"]
    ordering = ["name"]
