"""The words of the video room as a responder's page says them; {braces} are filled by name in the browser."""

from django.utils.translation import gettext as _

Words = dict[str, str]


def door() -> Words:
    """What the live page says before anybody joins: these travel with the first view, so they are few."""
    return {
        "room_nobody": _("Personne ne se parle encore"),
        "room_one": _("{names} attend les autres"),
        "room_many": _("{names} se parlent"),
        "room_her": _("Le micro de {name} est ouvert"),
        "room_down": _("La conversation ne répond pas"),
        "room_loading": _("Un instant"),
        "room_not_loaded": _("Pas de réseau : touchez pour réessayer"),
    }


def room() -> Words:
    """What is said inside."""
    return {**_standing(), **_devices(), **_links(), **_people()}


def _standing() -> Words:
    return {
        "joining": _("Entrée dans la conversation"),
        "alone": _("Vous attendez les autres : ils le voient."),
        "again": _("Liaison coupée : on vous remet dans la conversation. Le 17 et la carte marchent."),
        "away": _("La conversation ne répond pas : nouvel essai. Le 17 et la carte marchent."),
        "blocked": _("Ce réseau ne laisse pas passer la conversation : nouvel essai. Essayez sans le Wi-Fi."),
        "full": _("Les huit places sont prises. Le 17 et la carte marchent."),
        "replaced": _("Vous parlez depuis un autre appareil."),
        "unable": _("Ce navigateur ne permet pas de se parler ici. Le 17 et la carte marchent."),
        "over": _("L'alerte est terminée : la conversation aussi."),
        "unheard": _("Touchez l'écran pour entendre les autres."),
    }


def _devices() -> Words:
    return {
        "microphone_asked": _("Autorisez le micro pour parler. Vous écoutez déjà."),
        "microphone_refused": _("Micro refusé : vous écoutez. Autorisez-le dans le navigateur, puis touchez Micro."),
        "microphone_absent": _("Aucun micro trouvé : vous écoutez."),
        "microphone_busy": _("Le micro est pris par un appel ou une autre application : vous écoutez."),
        "microphone_lost": _("Le micro s'est arrêté. Touchez Micro pour parler de nouveau."),
        "camera_asked": _("Autorisez la caméra pour qu'on vous voie."),
        "camera_refused": _("Caméra refusée : le son continue."),
        "camera_absent": _("Aucune caméra trouvée : le son continue."),
        "camera_busy": _("La caméra est prise par une autre application : le son continue."),
        "camera_lost": _("La caméra s'est arrêtée : le son continue."),
        "microphone_on": _("ouvert"),
        "microphone_off": _("coupé"),
        "microphone_none": _("à autoriser"),
        "camera_on": _("allumée"),
        "camera_off": _("éteinte"),
        "facing_user": _("avant"),
        "facing_environment": _("arrière"),
    }


def _links() -> Words:
    return {
        "link_good": _("Connexion bonne"),
        "link_weak": _("Votre connexion est faible."),
        "link_some": _("Votre connexion est faible : des images sont en pause."),
        "link_sound": _("Votre connexion est faible : son seul."),
        "link_bad": _("Votre connexion est très faible : répétez l'essentiel."),
    }


def _people() -> Words:
    return {
        "came_one": _("{names} a rejoint la conversation"),
        "came_many": _("{names} ont rejoint la conversation"),
        "went_one": _("{names} a quitté la conversation"),
        "went_many": _("{names} ont quitté la conversation"),
        "came_her": _("{name} a ouvert le micro de son téléphone"),
        "went_her": _("Le micro de {name} ne s'entend plus"),
        "her_silent": _("{name} ne vous entend pas, son téléphone reste muet."),
        "her_hears": _("{name} vous entend tout haut, et qui est près d'elle aussi."),
        "tile": _("{name}, {role}"),
        "doing_her": _("téléphone"),
        "doing_in_charge": _("en charge"),
        "doing_go": _("y va"),
        "doing_children": _("enfants"),
        "doing_stand_by": _("disponible"),
        "tile_you": _("Vous"),
        "tile_muted": _("micro coupé"),
        "tile_open": _("micro ouvert"),
        "tile_joining": _("arrive"),
        "tile_paused": _("image en pause"),
        "map_open": _("Carte en grand"),
        "map_fold": _("Revoir les proches"),
    }
