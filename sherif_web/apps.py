"""The project's own app: settings, wiring and the commands that start everything."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class SherifWebConfig(AppConfig):
    """Registers the system checks of the environment."""

    default = True  # of two configurations in this file Django would take neither, and no check would run
    name = "sherif_web"
    verbose_name = "MonShérif"

    def ready(self) -> None:
        """Load the checks."""
        from sherif_web import checks  # noqa: F401 - importing registers them


class StaffConfig(admin_apps.AdminConfig):
    """The admin with a site of our own."""

    default = False
    default_site = "sherif_web.staff.StaffSite"


class TwilioConfig(AppConfig):
    """django-twilio, kept for its block list of callers; it brings no configuration of its own."""

    name = "django_twilio"
    verbose_name = _("téléphonie")
    default_auto_field = "django.db.models.AutoField"  # as its migration says; ours would want to write into it

    def ready(self) -> None:
        """Take its accounts with Twilio out of the admin: tokens stand in the environment, never in the database."""
        from django.contrib import admin

        admin.site.unregister(apps.get_model("django_twilio", "Credential"))
