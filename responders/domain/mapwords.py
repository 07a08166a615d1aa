"""What the map says; static/js/parts/map*.js fills the {braces}."""

from django.utils.translation import gettext as _


def on_the_map() -> dict[str, str]:
    """Every sentence of the map, in the active language."""
    return {
        "seen_live": _("vue à {time}"),
        "seen_late": _("EN RETARD, vue à {time}"),
        "seen_lost": _("PERDUE, vue à {time}"),
        "back_to": _("Revenir à {name}"),
        "wide": _("À {distance} près : plus large que la carte"),
        "how_exact": _("Précision inconnue"),
        "two_fingers": _("Deux doigts déplacent la carte"),
        "map_keys": _("Carte : flèches pour la déplacer, + et - pour l'agrandir ou la réduire"),
    }
