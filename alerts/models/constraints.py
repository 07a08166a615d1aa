"""The database agrees with `alerts.states`."""

from collections.abc import Iterable
from enum import StrEnum

from django.db import models


def one_of(table: str, column: str, values: Iterable[StrEnum]) -> models.CheckConstraint:
    """A column holds one of the words of its enumeration and nothing else."""
    return models.CheckConstraint(
        name=f"{table}_{column}_known", condition=models.Q(**{f"{column}__in": sorted(str(value) for value in values)})
    )
