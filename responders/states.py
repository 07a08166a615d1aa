"""What a responder does about an alert, and how a call to 17 ended."""

from enum import StrEnum


class RoleKind(StrEnum):
    """One per person at a time; taking charge is apart from it and belongs to the alert."""

    GO = "go"
    CHILDREN = "children"
    STAND_BY = "stand_by"


class Outcome(StrEnum):
    """Of a call to 17; empty while it goes on."""

    CALLING = ""
    REACHED = "reached"
    NOT_REACHED = "not_reached"


class Force(StrEnum):
    """Who keeps the peace in a commune, as the State's open file calls them."""

    GENDARMERIE = "GN"
    POLICE = "PN"
