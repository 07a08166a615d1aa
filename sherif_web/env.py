"""The environment, read once, as one frozen value.

Nothing else in the project reads `os.environ`. What is missing gets a safe default where the service listens on
loopback only; elsewhere it is listed in `Environment.problems` and `sherif_web.checks` refuses to start with a hint.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from sherif_web import env_evidence, env_media, env_tiles
from sherif_web.env_reader import Problem, Reader

MAIL_SERVICES = frozenset({"brevo", "mailgun", "mailjet", "mailtrap", "postal", "postmark", "resend", "sparkpost"})
SIGNING_MAIL_SERVICES = frozenset({"mailgun", "postal"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SECRET_CHARACTERS = 50
_HOOK_SECRET_CHARACTERS = 24
ADDRESS_BASE = "https://data.geopf.fr/geocodage"
BASE_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Environment:
    """The settings of one installation; every name is that of its variable in lower case without `SHERIF_`."""

    secret_key: str
    field_keys: tuple[str, ...]
    debug: bool
    port: int
    public_url: str
    her_url: str
    data_dir: Path
    demo: bool
    database_url: str
    bus_url: str
    email_url: str
    telephony: tuple[str, ...]
    twilio_account_sid: str
    twilio_auth_token: str
    twilio_auth_token_secondary: str
    twilio_url: str
    ovh_endpoint: str
    ovh_url: str
    ovh_application_key: str
    ovh_application_secret: str
    ovh_consumer_key: str
    ovh_sms_service: str
    sms_sender: str
    sms_senders: Mapping[str, str]
    voice_number: str
    inbound_number: str
    ladder_seconds: int
    alert_hours: int
    operators: tuple[str, ...]
    heartbeat_url: str
    canary_minutes: int
    canary_to: str
    mail_webhooks: tuple[str, ...]
    mail_webhook_secret: str
    mail_webhook_key: str
    media: env_media.Media
    streets: str
    tiles: env_tiles.Tiles
    evidence: env_evidence.Evidence
    metrics_token: str
    trusted_proxies: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def on_loopback(self) -> bool:
        """Whether every link points at this machine itself."""
        return urlsplit(self.public_url).hostname in LOOPBACK

    @property
    def secure(self) -> bool:
        """Whether browsers reach the service over TLS."""
        return self.public_url.startswith("https://")

    @property
    def console(self) -> bool:
        """Whether messages land in the local outbox instead of a telephone network."""
        return self.telephony == ("console",)

    @property
    def demonstration(self) -> bool:
        """Whether invented people and fiction-range numbers are allowed: never beside a real telephone network."""
        trial = bool(self.twilio_url) and (bool(self.ovh_url) or "ovh" not in self.telephony)
        harmless = self.console or trial
        return self.demo or (harmless and self.on_loopback)


def _kept_secrets(data_dir: Path) -> Mapping[str, str]:
    """Secrets of a loopback installation, drawn once and kept in a file that only its owner reads."""
    path = data_dir / "secrets.json"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        drawn = {"secret_key": secrets.token_urlsafe(48), "field_key": Fernet.generate_key().decode()}
        draft = path.with_name(f"secrets.{os.getpid()}.draft")
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            json.dump(drawn, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails if another process was first: then its secrets are everybody's
        except FileExistsError:
            return _kept_secrets(data_dir)
        finally:
            draft.unlink()
    kept: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def _keys(reader: Reader, data_dir: Path, *, generate: bool) -> tuple[str, tuple[str, ...]]:
    secret_key = reader.text("SHERIF_SECRET_KEY")
    field_keys = reader.listed("SHERIF_FIELD_KEYS")
    if generate and not (secret_key and field_keys):
        kept = _kept_secrets(data_dir)
        return secret_key or kept["secret_key"], field_keys or (kept["field_key"],)
    if len(secret_key) < _SECRET_CHARACTERS:
        reader.refuse(
            "E001", "SHERIF_SECRET_KEY is missing or shorter than 50 characters.", "Draw one: openssl rand -base64 48"
        )
    for key in field_keys or ("",):
        try:
            Fernet(key)
        except ValueError:
            reader.refuse(
                "E004",
                "SHERIF_FIELD_KEYS holds no key, or one that is not 32 bytes in URL-safe base64.",
                "Draw one: openssl rand -base64 32 | tr '+/' '-_'. Keep old keys behind the new one.",
            )
            field_keys = (Fernet.generate_key().decode(),)
    return secret_key or secrets.token_urlsafe(48), field_keys


def _telephony(reader: Reader) -> tuple[str, ...]:
    ways = reader.listed("SHERIF_TELEPHONY", "console")
    if unknown := set(ways) - {"console", "twilio", "ovh"}:
        reader.refuse(
            "E005", f"SHERIF_TELEPHONY names unknown ways: {', '.join(sorted(unknown))}.", "console, twilio or ovh."
        )
    if "console" in ways and len(ways) > 1:
        reader.refuse("E005", "SHERIF_TELEPHONY mixes the console with a real network.", "Keep one or the other.")
    for name in ("OVH_APPLICATION_KEY", "OVH_APPLICATION_SECRET", "OVH_CONSUMER_KEY", "OVH_SMS_SERVICE"):
        if "ovh" in ways and not reader.text(name):
            reader.refuse("E012", f"{name} is missing.", "Texts through OVHcloud need it.")
    if ways == ("ovh",):
        reader.refuse("E005", "SHERIF_TELEPHONY is ovh alone, which carries no calls.", "Set it to twilio,ovh.")
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SHERIF_SMS_SENDER", "SHERIF_VOICE_NUMBER"):
        if "twilio" in ways and not reader.text(name):
            reader.refuse("E006", f"{name} is missing.", "Telephony through Twilio needs it.")
    return ways


def _senders(reader: Reader) -> Mapping[str, str]:
    """SHERIF_SMS_SENDERS: another sender for some countries, as +1=+15005550006,+41=MonSherif."""
    senders: dict[str, str] = {}
    for pair in reader.listed("SHERIF_SMS_SENDERS"):
        prefix, _, sender = pair.partition("=")
        if not (prefix.startswith("+") and prefix[1:].isdigit() and sender):
            reader.refuse("E010", "SHERIF_SMS_SENDERS is not a list of +prefix=sender.", "For instance +1=+15005550006")
            continue
        senders[prefix] = sender
    return senders


def _heartbeat(reader: Reader) -> str:
    """SHERIF_HEARTBEAT_URL: a whole address with its path, which is its secret."""
    url = reader.text("SHERIF_HEARTBEAT_URL")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        reader.refuse("E011", "SHERIF_HEARTBEAT_URL is not an http(s) address.", "For instance https://hc.example/uuid")
        return ""
    return url


def _streets(reader: Reader) -> str:
    """SHERIF_STREETS: who is asked for the street of a position, and thereby learns it; nobody unless it is set."""
    url = reader.text("SHERIF_STREETS")
    if url == "ban":
        return ADDRESS_BASE
    parts = urlsplit(url)
    in_clear = parts.scheme == "http" and parts.hostname in LOOPBACK
    if url and not (in_clear or (parts.scheme == "https" and parts.hostname)):
        reader.refuse(
            "E023",
            "SHERIF_STREETS is neither ban nor an https address (http on this machine alone).",
            "ban asks the IGN, at data.geopf.fr.",
        )
        return ""
    return url


def _mail_webhooks(reader: Reader) -> tuple[str, ...]:
    """SHERIF_MAIL_WEBHOOKS: the services whose events about our mails are heard, each with its proof."""
    services = reader.listed("SHERIF_MAIL_WEBHOOKS")
    secret = reader.text("SHERIF_MAIL_WEBHOOK_SECRET")
    if unknown := set(services) - MAIL_SERVICES:
        reader.refuse(
            "E013",
            f"SHERIF_MAIL_WEBHOOKS names unknown services: {', '.join(sorted(unknown))}.",
            f"Known are {', '.join(sorted(MAIL_SERVICES))}.",
        )
    if services and (len(secret) < _HOOK_SECRET_CHARACTERS or not all(secret.partition(":"))):
        reader.refuse(
            "E013",
            "SHERIF_MAIL_WEBHOOK_SECRET is not a name:password of 24 characters or more: anybody could forge bounces.",
            "Draw one: echo mail:$(openssl rand -hex 24), and write https://<it>@<host>/hooks/mail/<service>/ there.",
        )
    if set(services) & SIGNING_MAIL_SERVICES and not reader.text("SHERIF_MAIL_WEBHOOK_KEY"):
        reader.refuse("E013", "SHERIF_MAIL_WEBHOOK_KEY is missing.", "The key with which the service signs its events.")
    return services


def _email_url(reader: Reader) -> str:
    url = reader.text("EMAIL_URL")
    if url and urlsplit(url).scheme not in {"smtp", "smtp+tls", "smtps"}:
        reader.refuse(
            "E016",
            "EMAIL_URL does not begin with smtp://, smtp+tls:// or smtps://.",
            "For instance smtp+tls://user:password@mail.example:587?from=alerte@sos.example",
        )
        return ""
    return url


def read(environ: Mapping[str, str]) -> Environment:
    """The environment as one value; never raises: what is wrong is in `problems`."""
    reader = Reader(environ)
    port = reader.number("PORT", 8000, low=1, high=65535)
    public_url = reader.url("SHERIF_PUBLIC_URL", f"http://localhost:{port}")
    on_loopback = urlsplit(public_url).hostname in LOOPBACK
    if not on_loopback and not public_url.startswith("https://"):
        reader.refuse("E007", "SHERIF_PUBLIC_URL is not https.", "Positions never travel in clear: put TLS in front.")
    data_dir = Path(reader.text("SHERIF_DATA_DIR", str(BASE_DIR / "data"))).resolve()
    secret_key, field_keys = _keys(reader, data_dir, generate=on_loopback)
    debug = reader.flag("SHERIF_DEBUG")
    if debug and not on_loopback:
        reader.refuse(
            "E008", "SHERIF_DEBUG is on for a public address.", "Stack traces would show positions: unset it."
        )
    telephony = _telephony(reader)
    demo = reader.flag("SHERIF_DEMO")
    if telephony == ("console",) and not (on_loopback or demo):
        reader.refuse(
            "E009", "SHERIF_TELEPHONY is the console on a public address: nobody would be told.", "Set it to twilio."
        )
    return Environment(
        secret_key=secret_key,
        field_keys=field_keys,
        debug=debug,
        port=port,
        public_url=public_url,
        her_url=reader.url("SHERIF_HER_URL", public_url),
        data_dir=data_dir,
        demo=demo,
        database_url=reader.text("DATABASE_URL", f"sqlite:///{data_dir / 'sherif.sqlite3'}"),
        bus_url=reader.text("SHERIF_BUS_URL"),
        email_url=_email_url(reader),
        telephony=telephony,
        twilio_account_sid=reader.text("TWILIO_ACCOUNT_SID"),
        twilio_auth_token=reader.text("TWILIO_AUTH_TOKEN"),
        twilio_auth_token_secondary=reader.text("TWILIO_AUTH_TOKEN_SECONDARY"),
        twilio_url=reader.text("SHERIF_TWILIO_URL"),
        ovh_endpoint=reader.text("OVH_ENDPOINT", "ovh-eu"),
        ovh_url=reader.text("OVH_URL"),
        ovh_application_key=reader.text("OVH_APPLICATION_KEY"),
        ovh_application_secret=reader.text("OVH_APPLICATION_SECRET"),
        ovh_consumer_key=reader.text("OVH_CONSUMER_KEY"),
        ovh_sms_service=reader.text("OVH_SMS_SERVICE"),
        sms_sender=reader.text("SHERIF_SMS_SENDER", "MonSherif"),
        sms_senders=_senders(reader),
        voice_number=reader.text("SHERIF_VOICE_NUMBER"),
        inbound_number=reader.text("SHERIF_INBOUND_NUMBER"),
        ladder_seconds=reader.number("SHERIF_LADDER_SECONDS", 60, low=5, high=3600),
        alert_hours=reader.number("SHERIF_ALERT_HOURS", 12, low=1, high=72),
        operators=reader.listed("SHERIF_OPERATORS"),
        heartbeat_url=_heartbeat(reader),
        canary_minutes=reader.number("SHERIF_CANARY_MINUTES", 0, low=0, high=1440),
        canary_to=reader.text("SHERIF_CANARY_TO"),
        mail_webhooks=_mail_webhooks(reader),
        mail_webhook_secret=reader.text("SHERIF_MAIL_WEBHOOK_SECRET"),
        mail_webhook_key=reader.text("SHERIF_MAIL_WEBHOOK_KEY"),
        media=env_media.read(reader, on_loopback=on_loopback),
        streets=_streets(reader),
        tiles=env_tiles.read(reader),
        evidence=env_evidence.read(reader, data_dir, on_loopback=on_loopback),
        metrics_token=reader.text("SHERIF_METRICS_TOKEN"),
        trusted_proxies=reader.listed("SHERIF_TRUSTED_PROXIES"),
        problems=tuple(reader.problems),
    )
