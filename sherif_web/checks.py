"""Refuse to start unsafe, and say what to do instead."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("security")
def check_environment(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """One error for every problem that reading the environment found (ids sherif.E001 to E012)."""
    del app_configs  # the environment concerns every app
    return [Error(problem.message, hint=problem.hint, id=problem.id) for problem in settings.SHERIF.problems]
