"""What a call says and which keys it takes, as TwiML (https://www.twilio.com/docs/voice/twiml)."""

from twilio.twiml.voice_response import Gather, VoiceResponse

from alerts.providers.base import Message

MOST_BYTES = 4000  # Twilio takes 4,000 characters with a call; bytes are the safe reading
_VOICES = {"fr": ("fr-FR", "Polly.Lea"), "en": ("en-GB", "Polly.Amy")}
_KEY_WITHIN = 6  # seconds after the last word
# Twice in full; once, where that is too long; cut, where even that is: Twilio refuses a longer script as a whole.
_DRAFTS = ((2, None), (1, None), (1, 300))


def call_script(message: Message) -> str:
    """Says the text and the keys twice over and takes one key at any moment. Names inside are text, never markup.

    Without a key Twilio posts an empty one. `#` and `*` are keys like others, so that an empty one means no key.
    """
    scripts = [_script(message, times, most) for times, most in _DRAFTS]
    return next((script for script in scripts if len(script.encode()) <= MOST_BYTES), scripts[-1])


def _script(message: Message, times: int, most: int | None) -> str:
    if not message.prompt:
        return _said(message, times, most)
    language, voice = _voice(message.language)
    gather = Gather(
        input="dtmf",
        num_digits=1,
        finish_on_key="",
        timeout=_KEY_WITHIN,
        action=message.pressed,
        method="POST",
        action_on_empty_result=True,
    )
    for _ in range(times):
        gather.pause(length=1)
        gather.say(message.text[:most], language=language, voice=voice)
        gather.pause(length=1)
        gather.say(message.prompt, language=language, voice=voice)
    response = VoiceResponse()
    response.append(gather)
    response.redirect(message.pressed, method="POST")
    return str(response)


def _said(message: Message, times: int, most: int | None) -> str:
    """What needs no answer: said, and nothing is listened to."""
    language, voice = _voice(message.language)
    response = VoiceResponse()
    for _ in range(times):
        response.pause(length=1)
        response.say(message.text[:most], language=language, voice=voice)
    response.hangup()
    return str(response)


def last_words(text: str, language: str) -> str:
    """Says one sentence, if there is one, and hangs up."""
    spoken, voice = _voice(language)
    response = VoiceResponse()
    if text:
        response.say(text, language=spoken, voice=voice)
    response.hangup()
    return str(response)


def _voice(language: str) -> tuple[str, str]:
    return _VOICES.get(language.split("-", maxsplit=1)[0].lower(), _VOICES["fr"])
