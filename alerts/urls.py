"""Doors of the record: her pages, the phone's API, hooks of the networks, the outbox of the demonstration."""

from django.urls import URLPattern, URLResolver, path

from alerts.api.service import api
from alerts.views import (
    accompanied,
    accompanied_drills,
    accompanied_recordings,
    account,
    bounces,
    companion,
    drills,
    hooks,
    inbound,
    leaving,
    outbox,
    profile,
    profile_contacts,
    profile_phones,
    profile_reception,
    profile_texts,
    public,
    recordings,
    sharing,
    story,
)

app_name = "alerts"

public_pages: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("exit/", public.leave, name="exit"),
    path("limits/", public.text_page, {"name": "limits"}, name="limits"),
    path("legal/", public.text_page, {"name": "legal"}, name="legal"),
    path("accessibility/", public.text_page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", public.text_page, {"name": "privacy"}, name="privacy"),
]

hooks_of_networks: list[URLPattern | URLResolver] = [
    path("hooks/twilio/status/<uuid:delivery>/", hooks.status, name="twilio_status"),
    path("hooks/twilio/voice/<uuid:delivery>/keys/", hooks.keys, name="twilio_keys"),
    path("hooks/twilio/sms/", inbound.sms, name="twilio_sms"),
    path("hooks/mail/<slug:service>/", bounces.events, name="mail_events"),
]

demonstration: list[URLPattern | URLResolver] = [
    path("outbox/", outbox.page, name="outbox"),
    path("outbox/messages/", outbox.messages, name="outbox_messages"),
    path("outbox/calls/<uuid:delivery>/keys/", outbox.keys, name="outbox_keys"),
]

her_pages: list[URLPattern | URLResolver] = [
    path("profile/", profile.overview, name="profile"),
    path("profile/about/", profile.about, name="about"),
    path("profile/gestures/", profile.gestures, name="gestures"),
    path("profile/messages/", profile_texts.texts, name="messages"),
    path("profile/face/", account.face, name="face"),
    path("profile/safe/", account.safe_address, name="safe_address"),
    path("profile/recovery/", account.recovery, name="recovery"),
    path("profile/sessions/", account.listing, name="sessions"),
    path("profile/sessions/end/", account.end_session, name="session_end"),
    path("profile/association/", sharing.page, name="sharing"),
    path("profile/association/join/", sharing.join, name="sharing_join"),
    path("profile/association/leave/", sharing.leave, name="sharing_leave"),
    path("profile/codes/", profile.codes, name="codes"),
    path("profile/contacts/", profile_contacts.listing, name="contacts"),
    path("profile/contacts/add/", profile_contacts.add, name="contact_add"),
    path("profile/contacts/take-back/", profile_contacts.take_back, name="contact_take_back"),
    path("profile/contacts/<int:pk>/", profile_contacts.change, name="contact"),
    path("profile/contacts/<int:pk>/shift/", profile_contacts.shift, name="contact_shift"),
    path("profile/contacts/<int:pk>/invite/", profile_contacts.invite, name="contact_invite"),
    path("profile/contacts/<int:pk>/reception/", profile_reception.reception, name="contact_reception"),
    path("profile/contacts/<int:pk>/remove/", profile_contacts.remove, name="contact_remove"),
    path("profile/alerts/", story.listing, name="past_alerts"),
    path("profile/alerts/<uuid:pk>/", story.page, name="past_alert"),
    path("profile/alerts/<uuid:pk>/story.<str:ending>", story.download, name="past_alert_story"),
    path("profile/looks/", story.looks, name="looks"),
    path("profile/recordings/", recordings.listing, name="recordings"),
    path("profile/recordings/close/", recordings.close, name="recordings_close"),
    path("profile/recordings/<uuid:pk>/", recordings.page, name="recording"),
    path("profile/recordings/<uuid:pk>/<int:number>/sound", recordings.sound, name="recording_sound"),
    path("profile/recordings/<uuid:pk>/export/", recordings.export, name="recording_export"),
    path("profile/recordings/<uuid:pk>/share/", recordings.share, name="recording_share"),
    path("profile/recordings/<uuid:pk>/keep/", recordings.keep, name="recording_keep"),
    path("profile/recordings/<uuid:pk>/erase/", recordings.erase, name="recording_erase"),
    path("profile/drills/", drills.listing, name="drills"),
    path("profile/drills/start/", drills.start, name="drill_start"),
    path("profile/drills/<uuid:pk>/", drills.report, name="drill"),
    path("profile/drills/<uuid:pk>/end/", drills.end, name="drill_end"),
    path("profile/kept/", leaving.page, name="kept"),
    path("profile/kept/export/", leaving.export, name="export"),
    path("profile/kept/erase/", leaving.erase, name="erase"),
    path("profile/phones/", profile_phones.listing, name="phones"),
    path("profile/phones/pair/", profile_phones.pair, name="phone_pair"),
    path("profile/phones/by-text/", profile_phones.by_text, name="phone_by_text"),
    path("profile/phones/<int:pk>/", profile_phones.change, name="phone_change"),
    path("profile/phones/<int:pk>/revoke/", profile_phones.revoke, name="phone_revoke"),
]

advocates_pages: list[URLPattern | URLResolver] = [
    path("association/", accompanied.listing, name="accompanied"),
    path("association/invite/", accompanied.invite, name="invite"),
    path("association/help/<int:pk>/", accompanied.help_in, name="help_in"),
    path("association/recordings/", accompanied_recordings.listing, name="accompanied_recordings"),
    path("association/recordings/<int:pk>/ask/", accompanied_recordings.ask, name="accompanied_recording_ask"),
    path("association/recordings/<int:pk>/agree/", accompanied_recordings.agree, name="accompanied_recording_agree"),
    path("association/recordings/<int:pk>/take/", accompanied_recordings.take, name="accompanied_recording_take"),
    path("association/drills/<int:pk>/", accompanied_drills.listing, name="accompanied_drills"),
    path("association/drills/<int:pk>/start/", accompanied_drills.start, name="accompanied_drill_start"),
    path("association/drills/<int:pk>/<uuid:drill>/", accompanied_drills.report, name="accompanied_drill"),
    path("association/drills/<int:pk>/<uuid:drill>/end/", accompanied_drills.end, name="accompanied_drill_end"),
]

companion_pages: list[URLPattern | URLResolver] = [
    path("phone/", companion.page, name="phone"),
    path("phone/manifest.webmanifest", companion.manifest, name="phone_manifest"),
    path("phone/sw.js", companion.worker, name="phone_worker"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *public_pages,
    path("api/v1/", api.urls),
    *hooks_of_networks,
    *demonstration,
    *her_pages,
    *advocates_pages,
    *companion_pages,
]
