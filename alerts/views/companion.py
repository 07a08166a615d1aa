"""The companion page: one plain surface on her telephone, which opens without a network and says nothing of itself.

The page is the same for everybody and holds nobody's name: who she is comes from the credential that her browser keeps.
"""

import base64
import hashlib
import json
import posixpath
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language

from alerts.domain import disguises, vault
from alerts.domain.disguises import Face
from alerts.views import companion_words, faces

ENTRY = "js/pages/phone.js"
WORKER = "js/pages/worker.js"
API = "/api/v1"
# On the page only where she chose to record, and then at once, without a network: the worker keeps them for everybody.
KEPT_BESIDE = ("js/parts/phone/microphone.js", "js/parts/phone/ear.js")
_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.{1,2}/[^"']+)["'];""", re.MULTILINE)
_ASSET = re.compile(rf"""(?:href|src)="({re.escape(settings.STATIC_URL)}[^"]+)\"""")


def page(request: HttpRequest) -> HttpResponse:
    """The page itself. Rendered without the request, so that nothing of a session enters what the browser keeps."""
    return HttpResponse(_page(faces.of(request)), headers={"Permissions-Policy": settings.PERMISSIONS_POLICY["room"]})


def manifest(request: HttpRequest) -> HttpResponse:
    """What a telephone needs to install the page (W3C Web Application Manifest): a dull name, a dull icon.

    They stand in the address, because browsers ask for it without cookies.
    """
    face = disguises.read(request.GET.get("as", ""))
    home = reverse("alerts:phone")
    described = {
        "id": home,
        "name": face.name,
        "short_name": face.name,
        "lang": get_language(),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": "#f6f5f2",
        "theme_color": "#f6f5f2",
        "icons": [
            {"src": static(f"{face.icon}.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static(f"{face.icon}-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static(f"{face.icon}-512.png"), "sizes": "512x512", "type": "image/png"},
            {"src": static(f"{face.icon}-full.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return JsonResponse(described, content_type="application/manifest+json")


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, under /phone/ because a worker rules only what lies beneath its own address.

    It names every file of the page as it is called today, so that any change of the page is a change of the worker:
    that is how browsers learn of an update.
    """
    html = _page(faces.of(request))
    files = sorted({*_ASSET.findall(html), *(static(name) for name in (*modules(), *KEPT_BESIDE))})
    version = hashlib.sha256("\n".join([html, static(WORKER), *files]).encode()).hexdigest()[:16]
    shell = json.dumps({"version": version, "page": reverse("alerts:phone"), "files": files})
    script = f"self.shell = {shell};\nimportScripts({json.dumps(static(WORKER))});\n"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


@cache
def modules(entry: str = ENTRY) -> tuple[str, ...]:
    """Every script module that the page loads, under its own name: the entry and what it imports, all the way down."""
    found: list[str] = []
    ahead = [entry]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found.append(name)
        path = finders.find(name)
        if path is None:
            raise FileNotFoundError(name)
        imported = _IMPORT.findall(Path(path).read_text(encoding="utf-8"))
        ahead += [posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) for target in imported]
    return tuple(found)


def _page(face: Face) -> str:
    context = {
        "face": face,
        "api": API,
        "seal": base64.b64encode(vault.waiting()).decode(),
        "words": companion_words.all_of_them(),
        "modules": modules(),
        "entry": ENTRY,
    }
    return render_to_string("alerts/phone.html", context)
