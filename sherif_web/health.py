"""What those who watch over the service ask: alive, able to accept a click, how much of everything, what is wrong."""

import hmac
import logging
import shutil
from http import HTTPStatus
from ipaddress import ip_address

from django.conf import settings
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from alerts.domain.aside import Aside
from alerts.models import Alert
from responders import rooms
from sherif_web import figures, room_figures
from sherif_web.figures import Watch

PATIENCE_SECONDS = 2
_TURN_SECONDS = 0.2  # to wait for somebody else's question
_MISSED_SECONDS = 30.0
_ROOM_BYTES = 50 * 1024 * 1024
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")

REGISTRY.register(room_figures.RoomFigures())
log = logging.getLogger(__name__)


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200: this process answers."""
    del request
    return JsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 if a click could be stored now, 503 otherwise; answers within two seconds even if the database hangs.

    Whoever may read the figures also reads what the auditor says, and whether the video room is there; with `?all`
    trouble, an auditor that says nothing, or a room that was there and stays away, is a 503 as well. Without `?all` it
    is not: a balancer must not close the doors to clicks because a telephone network is down.
    """
    watch = _question()
    if watch is None:
        return JsonResponse({"status": "not_ready"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    if not _is_trusted(request):
        return JsonResponse({"status": "ready"})
    board = rooms.here()
    trouble = watch.auditor != figures.WELL or board.missed_seconds > _MISSED_SECONDS
    closed = "all" in request.GET and trouble
    room = "up" if board.is_up else "away"
    body = {"status": "ready", "auditor": watch.auditor, "findings": watch.findings, "room": room}
    return JsonResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE if closed else HTTPStatus.OK)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for a peer on this very machine or the holder of SHERIF_METRICS_TOKEN."""
    if not _is_trusted(request):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _is_trusted(request: HttpRequest) -> bool:
    """Not everybody: from the outside, "one alert that nobody received" would tell the aggressor how hers goes."""
    return _local(request) or _holds_token(request)


def _local(request: HttpRequest) -> bool:
    """Whether nobody stands between: a proxy on this machine would make the whole world look local."""
    peer = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - compared, not bound
    return ip_address(peer).is_loopback and not any(name in request.headers for name in _FORWARDED)


def _holds_token(request: HttpRequest) -> bool:
    token = settings.SHERIF.metrics_token
    return bool(token) and hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()
    )


_aside: Aside[Watch | None] = Aside("readiness")


def _question() -> Watch | None:
    """What the auditor says, if the database would take a click; None if not, also while an earlier question hangs."""
    asked = _aside.begin(_ask, patience=_TURN_SECONDS)
    try:
        return asked.result(PATIENCE_SECONDS - _TURN_SECONDS) if asked else None
    except TimeoutError:
        log.warning("Not able to accept a click: the database did not answer.")
    except (Error, OSError) as error:
        log.warning("Not able to accept a click: %s", type(error).__name__)
    return None


def _ask() -> Watch | None:
    return figures.watch(now=timezone.now()) if _has_room() and _takes_writes() else None


def _has_room() -> bool:
    return shutil.disk_usage(settings.SHERIF.data_dir).free > _ROOM_BYTES


def _takes_writes() -> bool:
    """A statement that takes the lock of a writer and changes nothing, on a connection of its own."""
    connection = connections.create_connection("default")
    _hurry(connection)
    try:
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(Alert._meta.db_table)  # noqa: SLF001 - documented by Django
            cursor.execute(f"UPDATE {table} SET sequence = sequence WHERE 1 = 0")  # noqa: S608 - our own table's name
    finally:
        connection.close()
    return True


def _hurry(connection: BaseDatabaseWrapper) -> None:
    """Shorter time-outs than those of a click: this one is only a question."""
    options = dict(connection.settings_dict["OPTIONS"])
    if connection.vendor == "sqlite":
        options["timeout"] = 1
    else:
        options |= {"connect_timeout": 1, "options": "-c statement_timeout=1000 -c lock_timeout=1000"}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
