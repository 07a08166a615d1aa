"""What her screen shows of the service: a dull name and icon of her choice, and where a quick exit leads.

A browser remembers both in a cookie that says nothing, so that the sign-in and the exit need no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from alerts.models import Victim

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Disguise(StrEnum):
    """A name and an icon that nobody looks at twice."""

    NOTES = "notes"
    WEATHER = "weather"
    SHOPPING = "shopping"


class Exit(StrEnum):
    """A site that anybody might be reading."""

    WEATHER = "weather"
    ENCYCLOPEDIA = "encyclopedia"
    RECIPES = "recipes"
    NEWS = "news"


NAMES: Mapping[Disguise, "_StrPromise"] = {
    Disguise.NOTES: _("Carnet"),
    Disguise.WEATHER: _("Météo"),
    Disguise.SHOPPING: _("Courses"),
}
EXIT_NAMES: Mapping[Exit, "_StrPromise"] = {
    Exit.WEATHER: _("Météo-France"),
    Exit.ENCYCLOPEDIA: _("Wikipédia"),
    Exit.RECIPES: _("Marmiton, des recettes"),
    Exit.NEWS: _("Franceinfo, des nouvelles"),
}
ADDRESSES: Mapping[Exit, str] = {
    Exit.WEATHER: "https://meteofrance.com/",
    Exit.ENCYCLOPEDIA: "https://fr.wikipedia.org/",
    Exit.RECIPES: "https://www.marmiton.org/",
    Exit.NEWS: "https://www.francetvinfo.fr/",
}


@dataclass(frozen=True, kw_only=True)
class Face:
    """One choice of hers."""

    disguise: Disguise = Disguise.NOTES
    exit_to: Exit = Exit.WEATHER

    @property
    def name(self) -> str:
        """The name in the active language."""
        return str(NAMES[self.disguise])

    @property
    def icon(self) -> str:
        """The static file without its ending; sizes are beside it."""
        return f"icons/{self.disguise}"

    @property
    def exit_address(self) -> str:
        """Where a quick exit leads."""
        return ADDRESSES[self.exit_to]

    def written(self) -> str:
        """As a cookie keeps it."""
        return f"{self.disguise}.{self.exit_to}"


def read(cookie: str) -> Face:
    """What a browser remembers; the plain face for anything else."""
    disguise, _dot, exit_to = cookie.partition(".")
    return _face(disguise, exit_to)


def of(victim: Victim) -> Face:
    """What she chose; the plain face until she did."""
    return _face(victim.disguise, victim.exit_to)


def name_for(victim: Victim) -> str:
    """The name under which a message to her own address speaks, in her language."""
    with override(victim.language):
        return of(victim).name


def _face(disguise: str, exit_to: str) -> Face:
    return Face(
        disguise=Disguise(disguise) if disguise in set(Disguise) else Disguise.NOTES,
        exit_to=Exit(exit_to) if exit_to in set(Exit) else Exit.WEATHER,
    )
