"""Every sentence that the scripts of the companion page say."""

from django.utils.translation import gettext as _


def all_of_them() -> dict[str, str]:
    """By the key under which a script asks for it."""
    told = (
        *(_sentences(), _names(), _contacts(), _troubles(), _tried(), _button()),
        *(_voice(), _voice_troubles(), _sound(), _sound_ends(), _hearing()),
    )
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


def _sound() -> dict[str, str]:
    """The sound of a long press: "recording" is said once it can be heard again, and never before."""
    return {
        "sound_start": _("Enregistrer le son"),
        "sound_stop": _("Ne plus enregistrer"),
        "sound_again": _("Enregistrer à nouveau"),
        "sound_idle": _("Le son n'est pas enregistré."),
        "sound_opening": _("Un instant"),
        "sound_unsafe": _("Pas encore d'enregistrement : le son attend d'être reçu."),
        "sound_on": _("Enregistrement depuis {time}."),
        "sound_waiting": _("Plus de {count} s attendent le réseau : laissez cette page ouverte."),
        "sound_lost": _("Trop long sans réseau : une partie du son est perdue."),
        "sound_muted": _("Le téléphone a coupé le micro : rien ne s'entend."),
        "sound_busy": _("Un appel ou une autre application tient le micro : nouvel essai."),
        "sound_gone": _("Le micro s'est arrêté : nouvel essai."),
    }


def _sound_ends() -> dict[str, str]:
    return {
        "sound_stopped": _("Enregistrement arrêté. Ce qui est parti est gardé."),
        "sound_stopped_unsafe": _("Arrêté avant d'être reçu."),
        "sound_leaving": _("Les dernières secondes partent encore : laissez cette page ouverte."),
        "sound_unasked": _("Le micro n'est pas encore autorisé : pas d'enregistrement. L'alerte n'en dépend pas."),
        "sound_refused": _("Le micro est refusé : pas d'enregistrement. L'alerte n'en dépend pas."),
        "sound_absent": _("Aucun micro trouvé : pas d'enregistrement. L'alerte n'en dépend pas."),
        "sound_unable": _("Ce navigateur n'enregistre pas. L'alerte n'en dépend pas."),
        "sound_full": _("Le service ne prend plus de son. L'alerte n'en dépend pas."),
    }


def _hearing() -> dict[str, str]:
    """Whether the microphone is allowed, and the three seconds in which she tries it."""
    return {
        "hearing_prompt": _("Le micro n'est pas encore autorisé : l'appui long n'enregistrera rien."),
        "hearing_denied": _("Le micro est refusé dans ce navigateur : l'appui long n'enregistrera rien."),
        "hearing_unable": _("Ce navigateur n'enregistre pas : l'appui long n'enregistrera rien."),
        "ear_trying": _("Parlez. Rien n'est gardé, rien ne part."),
        "ear_good": _("Le micro entend. Rien n'a été gardé."),
        "ear_faint": _("Le micro n'entend presque rien. Dégagez-le, puis recommencez."),
        "ear_refused": _("Micro refusé. Autorisez-le dans les réglages du navigateur, puis recommencez."),
        "ear_absent": _("Aucun micro trouvé."),
        "ear_busy": _("Un appel ou une autre application tient le micro. Recommencez plus tard."),
        "ear_unable": _("Ce navigateur n'enregistre pas."),
        "ear_not_loaded": _("Pas de réseau. Recommencez plus tard."),
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
