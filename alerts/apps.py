"""What happened: victims, contacts, buttons, alerts, deliveries, positions."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The record. It knows nothing of the responders' pages."""

    name = "alerts"
    verbose_name = "Alertes"
