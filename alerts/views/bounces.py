"""What services that relay mail tell us about our mails, read by django-anymail. Believed only with our secret."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from anymail.signals import AnymailTrackingEvent
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from alerts.domain import bouncing
from alerts.domain.bouncing import MailEvent
from alerts.providers.relays import DELIVERY

SERVICES: Mapping[str, Callable[..., HttpResponse]] = {
    "brevo": BrevoTrackingWebhookView.as_view(),
    "mailgun": MailgunTrackingWebhookView.as_view(),
    "mailjet": MailjetTrackingWebhookView.as_view(),
    "mailtrap": MailtrapTrackingWebhookView.as_view(),
    "postal": PostalTrackingWebhookView.as_view(),
    "postmark": PostmarkTrackingWebhookView.as_view(),
    "resend": ResendTrackingWebhookView.as_view(),
    "sparkpost": SparkPostTrackingWebhookView.as_view(),
}

log = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def events(request: HttpRequest, service: str) -> HttpResponse:
    """Events of one service that the environment names; without a secret nobody is believed, and nothing is here."""
    reader = SERVICES.get(service)
    if reader is None or service not in settings.SHERIF.mail_webhooks or not settings.SHERIF.mail_webhook_secret:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    try:
        return reader(request)
    except AnymailWebhookValidationFailure:
        log.warning("An event without the mail service's secret was refused.")
        return HttpResponse(status=HTTPStatus.FORBIDDEN)
    except (AnymailError, ValueError, LookupError, TypeError, AttributeError) as error:
        log.warning("An event of %s could not be read: %s.", service, type(error).__name__)  # never its words
        return HttpResponse(status=HTTPStatus.UNPROCESSABLE_ENTITY)


def hear(sender: Any, event: AnymailTrackingEvent, **_: Any) -> None:
    """The door of django-anymail, knocked at by its readers, once per event."""
    del sender
    named = (event.metadata or {}).get(DELIVERY)
    names = (named, event.message_id, *(event.tags or ()))
    bouncing.receive(
        MailEvent(
            word=str(event.event_type),
            reason=str(event.reject_reason or ""),
            names=tuple(name for name in names if isinstance(name, str)),
        ),
        now=timezone.now(),
    )
