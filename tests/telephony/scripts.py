"""TwiML as Twilio reads it aloud: Say, Pause, Gather, Redirect, Hangup (twilio.com/docs/voice/twiml)."""

from collections import deque
from collections.abc import Callable, Mapping
from urllib.parse import urljoin
from xml.etree import ElementTree

from tests.wires import Reply

_DOCUMENTS = 12  # one call reads no more than this: a Redirect to itself ends
_LETTERS_A_SECOND = 14

Fetch = Callable[[str, Mapping[str, str]], Reply]


class Reading:
    """One call's way through its documents. Not safe for threads: a person presses one key at a time."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._url = ""
        self._verbs: deque[ElementTree.Element] = deque()
        self._documents = 0
        self._gather: ElementTree.Element | None = None
        self.said: list[str] = []
        self.languages: set[str] = set()
        self.seconds = 0.0
        self.over = False

    @property
    def asks_for_a_key(self) -> bool:
        """Whether the voice waits."""
        return self._gather is not None

    def begin(self, *, script: str = "", url: str = "") -> None:
        """Read the document that came with the call, or the one that its URL gives."""
        if script:
            self._read(script)
        else:
            self._follow(url, {})

    def press(self, keys: str) -> None:
        """Keys on the dial; raises AssertionError if nobody asked for one."""
        gather = self._gather
        assert gather is not None, f"no voice asked for a key; it said {self.said}"
        assert "dtmf" in gather.get("input", "dtmf"), "this voice hears no keys"
        assert keys, "no key was pressed"
        most = int(gather.get("numDigits", "0")) or len(keys)
        last = gather.get("finishOnKey", "#")
        digits, end, _ = keys.partition(last) if last else (keys, "", "")  # with none, # and * are keys like others
        form = {"Digits": digits[:most], "msg": "Gather End"} | ({"FinishedOnKey": end} if end else {})
        self._follow(gather.get("action", ""), form)

    def wait(self) -> None:
        """No key until the voice goes on."""
        gather = self._gather
        assert gather is not None, f"no voice asked for a key; it said {self.said}"
        self.seconds += float(gather.get("timeout", "5"))
        if gather.get("actionOnEmptyResult", "false") == "true":
            self._follow(gather.get("action", ""), {"Digits": "", "msg": "Gather End"})
        else:
            self._gather = None
            self._run()

    def hang_up(self) -> None:
        """The person, or the voice, has had enough."""
        self._gather = None
        self._verbs.clear()
        self.over = True

    def _follow(self, url: str, form: Mapping[str, str]) -> None:
        self._url = urljoin(self._url, url)
        answer = self._fetch(self._url, form)
        assert answer.status == 200, f"Twilio would say that an application error has occurred: {answer.status}"
        kind = answer.headers.get("Content-Type", "")
        assert "xml" in kind, f"Twilio reads text/xml, not {kind}"
        self._read(answer.body.decode())

    def _read(self, script: str) -> None:
        self._documents += 1
        self._gather = None
        self._verbs = deque(_verbs(script))
        if self._documents > _DOCUMENTS:
            self.hang_up()
        else:
            self._run()

    def _run(self) -> None:
        while self._verbs:
            verb = self._verbs.popleft()
            if verb.tag == "Gather":
                for inner in verb:
                    self._speak(inner)
                self._gather = verb
                return None
            if verb.tag == "Redirect":
                return self._follow((verb.text or "").strip(), {})
            if verb.tag == "Hangup":
                break
            self._speak(verb)
        return self.hang_up()

    def _speak(self, verb: ElementTree.Element) -> None:
        if verb.tag == "Say":
            text = "".join(verb.itertext())
            times = int(verb.get("loop", "1")) or 1
            self.said += [text] * times
            self.languages.add(verb.get("language", ""))
            self.seconds += times * len(text) / _LETTERS_A_SECOND
        elif verb.tag == "Pause":
            self.seconds += float(verb.get("length", "1"))
        else:
            raise AssertionError(f"this telephone does not know <{verb.tag}>")


def _verbs(script: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(script)  # noqa: S314 - our own service's
    assert root.tag == "Response", f"TwiML begins with <Response>, not <{root.tag}>"
    return list(root)


def replies(script: str) -> list[str]:
    """The texts that a messaging document answers with."""
    if not script.strip():
        return []
    return ["".join(verb.itertext()).strip() for verb in _verbs(script) if verb.tag == "Message"]
