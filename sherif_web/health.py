"""What those who watch over the service ask: alive, able to accept a click, and how much of everything."""

import hmac
import logging
import shutil
import threading
from concurrent.futures import Future
from http import HTTPStatus
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from alerts.models import Alert

PATIENCE_SECONDS = 2
_ROOM_BYTES = 50 * 1024 * 1024
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")

log = logging.getLogger(__name__)


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200: this process answers."""
    del request
    return JsonResponse({"status": "alive"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 if a click could be stored now, 503 otherwise; answers within two seconds even if the database hangs."""
    del request
    if _probe.passes():
        return JsonResponse({"status": "ready"})
    return JsonResponse({"status": "not_ready"}, status=HTTPStatus.SERVICE_UNAVAILABLE)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for a peer on this very machine or the holder of SHERIF_METRICS_TOKEN."""
    if not (_local(request) or _holds_token(request)):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _local(request: HttpRequest) -> bool:
    """Whether nobody stands between: a proxy on this machine would make the whole world look local."""
    peer = request.META.get("REMOTE_ADDR") or "0.0.0.0"  # noqa: S104 - compared, not bound
    return ip_address(peer).is_loopback and not any(name in request.headers for name in _FORWARDED)


def _holds_token(request: HttpRequest) -> bool:
    token = settings.SHERIF.metrics_token
    return bool(token) and hmac.compare_digest(
        request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()
    )


class _Probe:
    """One write-capable question to the database at a time, on a thread that may hang without taking anybody along."""

    def __init__(self) -> None:
        self._asking = threading.Lock()

    def passes(self) -> bool:
        """Whether the database would take a click. False too while an earlier question still hangs."""
        if not self._asking.acquire(blocking=False):
            return False
        answer: Future[bool] = Future()
        threading.Thread(target=self._ask, args=(answer,), name="readiness", daemon=True).start()
        try:
            return answer.result(PATIENCE_SECONDS)
        except TimeoutError:
            log.warning("Not able to accept a click: the database did not answer.")
            return False

    def _ask(self, answer: "Future[bool]") -> None:
        try:
            answer.set_result(_has_room() and _takes_writes())
        except (DatabaseError, OSError) as error:
            log.warning("Not able to accept a click: %s", type(error).__name__)
            answer.set_result(False)
        finally:
            self._asking.release()


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


_probe = _Probe()
