"""Makes a scene happen in the data of a running service, from a process of its own: `python -m tests.responders.play`.

Browser journeys use it, because a test that drives Chromium may not touch the database itself. Prints JSON.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django
from django.db import transaction
from django.utils import timezone


def _rescue(options: Mapping[str, Any]) -> dict[str, Any]:
    """Marie presses the button; every relative's link, and her telephone's credential."""
    marie = f"marie-{uuid4().hex}"
    alert = scenes.rescue(marie, gesture=Gesture(options.get("gesture", "double")), drill=bool(options.get("drill")))
    Victim.objects.filter(pk=alert.victim_id).update(
        name=options.get("name", "Marie"), home="12 rue des Lombards, Compiègne\n3e étage, code 45A7"
    )
    if steps := options.get("steps"):
        scenes.walk(alert, steps, now=timezone.now())
    paths = {person.name: f"/r/{scenes.token_of(alert, person)}" for person in people.RELATIVES}
    return {"alert": str(alert.pk), "links": paths, "phone": f"phone of {marie}"}


def _move(options: Mapping[str, Any]) -> dict[str, Any]:
    """Her phone sends where it was so many seconds ago."""
    now = timezone.now()
    recorded_at = now - timedelta(seconds=options.get("seconds_ago", 0))
    place = (options["latitude"], options["longitude"])
    with transaction.atomic():
        tracking.store(
            Alert.objects.get(pk=options["alert"]), [scenes.fix(at=recorded_at, place=place)], sent_at=now, now=now
        )
    return {}


def _age(options: Mapping[str, Any]) -> dict[str, Any]:
    """Everything her phone said grows older."""
    shift = timedelta(seconds=options["seconds"])
    Position.objects.filter(alert=options["alert"]).update(
        fixed_at=F("fixed_at") - shift, recorded_at=F("recorded_at") - shift
    )
    return {}


def _close(options: Mapping[str, Any]) -> dict[str, Any]:
    """She ends the alert on her phone, freely or not."""
    to = AlertState(options.get("to", "closed"))
    alerting.close(Alert.objects.get(pk=options["alert"]), to, reason="safe", now=timezone.now())
    return {}


def _expire(options: Mapping[str, Any]) -> dict[str, Any]:
    """The alert reaches its cap."""
    alerting.expire(Alert.objects.get(pk=options["alert"]), now=timezone.now())
    return {}


def _act(options: Mapping[str, Any]) -> dict[str, Any]:
    """A relative does something on a page of her or his own."""
    alert = Alert.objects.get(pk=options["alert"])
    person = next(person for person in people.RELATIVES if person.name == options["name"])
    link = scenes.link_of(alert, person)
    responding.open_link(link, None, now=timezone.now())
    coordinating.act(link, deeds.read_deed({"action": options["action"]}), now=timezone.now())
    return {}


def _bustle(options: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody takes charge: three rounds to five people, with all their receipts."""
    scenes.climb(Alert.objects.get(pk=options["alert"]))
    return {}


SCENES: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "rescue": _rescue,
    "move": _move,
    "age": _age,
    "close": _close,
    "expire": _expire,
    "act": _act,
    "bustle": _bustle,
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sherif_web.settings")
    django.setup()
    from django.db.models import F

    from alerts.domain import alerting, responding, tracking
    from alerts.models import Alert, Position, Victim
    from alerts.states import AlertState, Gesture
    from responders.domain import coordinating, deeds
    from tests import people
    from tests.responders import scenes

    sys.stdout.write(json.dumps(SCENES[sys.argv[1]](json.loads(sys.argv[2]))))
