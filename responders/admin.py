"""What operators see of the response: public tables alone, nothing of anybody."""

from django.contrib import admin

from responders.models import Unit


@admin.register(Unit)
class UnitAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Police stations and brigades as imported: telephone numbers change, and can be mended here."""

    list_display = ["name", "force", "phone_number", "address"]
    list_filter = ["force"]
    search_fields = ["name", "address"]
