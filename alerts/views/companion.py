"""The companion page: one plain surface on her telephone, which opens without a network and says nothing of itself.

The page is the same for everybody and holds nobody's name: who she is comes from the credential that her browser keeps.
"""

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
from django.utils.translation import gettext as _

from alerts.domain import disguises
from alerts.domain.disguises import Face
from alerts.views import faces

ENTRY = "js/pages/phone.js"
WORKER = "js/pages/worker.js"
API = "/api/v1"
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
    files = sorted({*_ASSET.findall(html), *(static(name) for name in modules())})
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
    context = {"face": face, "api": API, "words": _words(), "modules": modules(), "entry": ENTRY}
    return render_to_string("alerts/phone.html", context)


def _words() -> dict[str, str]:
    """Every sentence that the scripts say."""
    told = (_sentences(), _names(), _contacts(), _troubles(), _voice(), _voice_troubles(), _tried(), _button())
    return {key: word for words in told for key, word in words.items()}


def _names() -> dict[str, str]:
    return {
        "single": _("Un appui"),
        "double": _("Deux appuis"),
        "long": _("Appui long"),
        "prevention": _("Prévention"),
        "rescue": _("Secours"),
        "alarm": _("Alarme"),
        "drill": _("EXERCICE"),
    }


def _contacts() -> dict[str, str]:
    """How far it got to each contact, in a word, and by each way."""
    return {
        "contact_none": _("aucun message possible"),
        "contact_due": _("en attente"),
        "contact_sending": _("envoi en cours"),
        "contact_unknown": _("sans confirmation"),
        "contact_failed": _("pas joint"),
        "contact_accepted": _("message parti"),
        "contact_placed": _("appel lancé"),
        "contact_called": _("appel passé"),
        "contact_delivered": _("message reçu"),
        "contact_opened": _("lien ouvert"),
        "contact_answered": _("a répondu"),
        "contact_declined": _("a répondu non"),
        "contact_in_charge": _("s'en occupe"),
        "contact_removed": _("ne voit plus rien"),
        "way": _("{channel} : {state}"),
        "channel_sms": _("SMS"),
        "channel_voice": _("Appel"),
        "channel_email": _("E-mail"),
        "sent_due": _("en attente"),
        "sent_sending": _("envoi en cours"),
        "sent_unknown": _("sans confirmation"),
        "sent_failed": _("pas passé"),
        "sent_accepted": _("parti"),
        "sent_placed": _("lancé"),
        "sent_called": _("a sonné"),
        "sent_delivered": _("reçu"),
        "sent_opened": _("lien ouvert"),
        "sent_answered": _("réponse reçue"),
        "stopped": _("STOP : plus de SMS"),
    }


def _sentences() -> dict[str, str]:
    return {
        "ready": _("Prêt"),
        "sending": _("{gesture} : envoi en cours"),
        "not_sent": _("Pas encore envoyé, nouvel essai"),
        "not_sent_line": _("Gardé dans ce téléphone jusqu'à l'envoi"),
        "unsent": _("Pas envoyé"),
        "open": _("Envoyé"),
        "running": _("Déjà en cours"),
        "spare": _("Dernier appui pas renvoyé : l'alerte continue"),
        "since": _("{kind} {time}"),
        "told": _("partis {told}/{all} · ouverts {opened}"),
        "nobody": _("personne en charge"),
        "nobody_reached": _("Personne n'est encore joint"),
        "in_charge": _("{name} s'en occupe"),
        "sounding": _("« Terminer » et votre code arrêtent le son"),
        "ended": _("Terminé"),
        "ended_line": _("Terminé à {time}"),
        "stale": _("{gesture}, à {time} : pas parti à temps. Envoyer maintenant ?"),
        "cut": _("Pas de réseau. Positions gardées dans ce téléphone : {count}."),
        "forgetful": _("Ce téléphone ne peut plus rien garder : laissez cette page ouverte jusqu'à l'envoi."),
        "position_prompt": _("La position n'est pas encore autorisée."),
        "position_denied": _("La position est refusée : vos proches seront prévenus sans savoir où vous êtes."),
        "position_absent": _("Ce navigateur ne donne pas de position."),
    }


def _tried() -> dict[str, str]:
    """The rehearsal of the gestures."""
    return {
        "rehearsal": _("Essai : rien ne part d'ici"),
        "recognised": _("Reconnu : {gesture}"),
        "rehearsal_line": _("Essai, rien n'est envoyé. Un appui : {single} · Deux appuis : {double} · Long : {long}"),
    }


def _button() -> dict[str, str]:
    """Her Bluetooth button: heard or not, and nothing in between."""
    return {
        "button_choose": _("Relier un bouton"),
        "button_choose_again": _("Relier de nouveau"),
        "button_none": _("Aucun bouton relié."),
        "button_choosing": _("Choisissez le vôtre dans la liste."),
        "button_joining": _("Liaison en cours."),
        "button_in": _("Bouton relié."),
        "button_battery": _("Pile : {percent} %."),
        "button_lost": _("Bouton perdu depuis {time} : il est cherché sans arrêt."),
        "button_again": _("Bouton connu : touchez pour le relier de nouveau."),
        "button_none_chosen": _("Aucun bouton choisi. Appuyez dessus pour qu'il se montre, puis recommencez."),
        "button_refused": _("Bluetooth éteint ou refusé : allumez-le, puis recommencez."),
        "button_unfit": _("Cet appareil n'a pas de bouton que cette page comprenne."),
        "button_unheard": _("Le bouton n'est pas entendu : utilisez ce téléphone."),
        "button_low": _("La pile du bouton est presque vide."),
    }


def _voice() -> dict[str, str]:
    """Her microphone and her camera: dull words, and never more than is known."""
    return {
        "voice_open": _("Ouvrir le micro"),
        "voice_close": _("Fermer le micro"),
        "voice_show": _("Ajouter l'image"),
        "voice_hide": _("Retirer l'image"),
        "voice_hear": _("Entendre tout haut"),
        "voice_deaf": _("Ne plus entendre"),
        "voice_off": _("Vos proches vous entendront, rien ne sonnera ici. Le téléphone montre son signe de micro."),
        "voice_loading": _("Un instant"),
        "voice_joining": _("Micro ouvert, liaison en cours."),
        "voice_in_none": _("Micro ouvert. Personne n'écoute encore."),
        "voice_in_one": _("Micro ouvert : un proche écoute."),
        "voice_in_many": _("Micro ouvert : {count} proches écoutent."),
        "voice_again": _("Micro ouvert, liaison coupée : nouvel essai."),
        "voice_away": _("Micro ouvert, le service ne répond pas : nouvel essai."),
        "voice_blocked": _("Micro ouvert, ce réseau ne laisse rien passer : nouvel essai."),
        "voice_picture_user": _("Image montrée, caméra avant."),
        "voice_picture_environment": _("Image montrée, caméra arrière."),
        "voice_hears": _("Ce téléphone joue les voix tout haut."),
    }


def _voice_troubles() -> dict[str, str]:
    return {
        "voice_not_loaded": _("Pas de réseau : micro fermé. Touchez pour réessayer."),
        "voice_full": _("Toutes les places sont prises : micro fermé."),
        "voice_replaced": _("Micro ouvert sur un autre téléphone, fermé ici."),
        "voice_unable": _("Ce navigateur n'envoie pas de son : micro fermé."),
        "voice_over": "",
        "voice_microphone_asked": _("Autorisez le micro."),
        "voice_microphone_refused": _(
            "Micro refusé : rien n'est parti. Autorisez-le dans le navigateur, puis recommencez."
        ),
        "voice_microphone_absent": _("Aucun micro trouvé : rien n'est parti."),
        "voice_microphone_busy": _("Un appel ou une autre application tient le micro : rien ne part."),
        "voice_microphone_lost": _("Le micro s'est arrêté : plus rien ne part. Touchez pour recommencer."),
        "voice_camera_asked": _("Autorisez la caméra."),
        "voice_camera_refused": _("Caméra refusée : le son continue."),
        "voice_camera_absent": _("Aucune caméra trouvée : le son continue."),
        "voice_camera_busy": _("Une autre application tient la caméra : le son continue."),
        "voice_camera_lost": _("La caméra s'est arrêtée : le son continue."),
    }


def _troubles() -> dict[str, str]:
    return {
        "code_wrong": _("Ce code n'est pas reconnu. Il vaut dix minutes et une seule fois : tirez-en un autre."),
        "code_too_often": _("Trop d'essais. Attendez dix minutes."),
        "code_no_network": _("Pas de réponse du service. Réessayez."),
        "unpair_failed": _("Pas de réponse du service : ce téléphone reste relié. Réessayez."),
        "pin_sending": _("Envoi en cours"),
        "pin_wrong": _("Code incorrect. Réessayez."),
        "pin_too_often": _("Trop d'essais. Attendez dix minutes."),
        "pin_other": _("Ce n'est plus la même alerte. Vérifiez, puis recommencez."),
        "pin_not_sent": _("Pas envoyé : l'alerte continue. Réessayez."),
        "remove_whom": _("Retirer {name}"),
        "remove_not_done": _("Pas de réponse du service : ce n'est pas fait, {name} voit toujours. Réessayez."),
        "pin_not_yet": _("Pas de réponse du service : le code n'a pas pu être vérifié. Réessayez."),
    }
