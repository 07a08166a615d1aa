"""Who comes: the live page, presence, roles, the 17 sheet."""

from django.apps import AppConfig


class RespondersConfig(AppConfig):
    """The response. It calls the verbs of alerts, never the other way."""

    name = "responders"
    verbose_name = "Répondants"
