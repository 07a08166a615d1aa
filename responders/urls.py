"""Doors of the response: the personal link and the live page."""

from django.urls import URLPattern, URLResolver, path

from responders.views import acts, consent, her_sheet, links, live, outlines, room, roompage, story, tiles

app_name = "responders"
urlpatterns: list[URLPattern | URLResolver] = [
    path("r/<str:token>", links.link, name="link"),
    path("c/<str:token>", consent.link, name="consent_link"),
    path("consent/<str:place>/", consent.page, name="consent"),
    path("consent/<str:place>/answer", consent.answer, name="consent_answer"),
    path("consent/<str:place>/contact.vcf", consent.contact_card, name="consent_card"),
    path("profile/sheet/", her_sheet.page, name="her_sheet"),
    path("alert/<str:place>/", live.page, name="live"),
    path("alert/<str:place>/consent", consent.from_alert, name="consent_from_alert"),
    path("tiles/<int:z>/<int:x>/<int:y>", tiles.tile, name="tile"),
    path("alert/<str:place>/seventeen", live.seventeen, name="seventeen"),
    path("alert/<str:place>/snapshot", live.snapshot_json, name="snapshot"),
    path("alert/<str:place>/outlines", outlines.outlines, name="outlines"),
    path("alert/<str:place>/act", acts.act, name="act"),
    path("alert/<str:place>/position", acts.position, name="position"),
    path("alert/<str:place>/story.<str:ending>", story.download, name="story"),
    path("alert/<str:place>/room", room.room_of, name="room"),
    path("alert/<str:place>/room/page", roompage.page, name="room_page"),
    path("alert/<str:place>/room/<int:seat>", room.seat_of, name="seat"),
]
