"""What happened: victims, contacts, buttons, alerts, deliveries, positions."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The record. It knows nothing of the responders' pages."""

    name = "alerts"
    verbose_name = "Alertes"

    def ready(self) -> None:
        """Listen to the events of mail services, once."""
        from anymail.signals import tracking

        from alerts.views import bounces

        tracking.connect(bounces.hear, dispatch_uid="alerts.mail_events")
