"""Who comes: the live page, presence, roles, the 17 sheet."""

from django.apps import AppConfig


class RespondersConfig(AppConfig):
    """The response. It calls the verbs of alerts, never the other way."""

    name = "responders"
    verbose_name = "Répondants"

    def ready(self) -> None:
        """Forget what is ours whenever the record forgets: it knows nothing of us."""
        from alerts.domain import keeping
        from responders.domain import forgetting

        keeping.also("positions of responders", forgetting.positions)
        keeping.also("visits", forgetting.visits)
