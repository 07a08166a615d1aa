"""The project's own app: settings, wiring and the commands that start everything."""

from django.apps import AppConfig


class SherifWebConfig(AppConfig):
    """Registers the system checks of the environment."""

    name = "sherif_web"
    verbose_name = "MonShérif"

    def ready(self) -> None:
        """Load the checks."""
        from sherif_web import checks  # noqa: F401 - importing registers them
