"""Django's settings, derived from `sherif_web.env` alone. DEBUG stays off, also on a loopback installation."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy

from sherif_web import env

SHERIF = env.read(os.environ)

BASE_DIR: Path = env.BASE_DIR
SECRET_KEY = SHERIF.secret_key
DEBUG = SHERIF.debug
PUBLIC_HOST = urlsplit(SHERIF.public_url).hostname or "localhost"
HER_HOST = urlsplit(SHERIF.her_url).hostname or "localhost"
ALLOWED_HOSTS = [PUBLIC_HOST, HER_HOST, *(sorted(env.LOOPBACK - {"::1"} | {"[::1]"}) if SHERIF.on_loopback else ())]
CSRF_TRUSTED_ORIGINS = sorted({SHERIF.public_url, SHERIF.her_url})

INSTALLED_APPS = [
    "sherif_web",
    "responders",
    "alerts",
    "sherif_web.apps.StaffConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "phonenumber_field",
    "sherif_web.apps.TwilioConfig",  # after the admin, which has its pages by then
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random against BREACH; forms carry masked tokens
    "sherif_web.headers.SecurityHeaders",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "sherif_web.hosts.TwoHosts",
    "alerts.views.sittings.Sittings",
    "sherif_web.errors.JsonUnderApi",
]

ROOT_URLCONF = "sherif_web.urls"
ASGI_APPLICATION = "sherif_web.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "alerts.views.faces.context",
            ],
        },
    },
]

# Rows are the truth: every commit reaches the disk before it is answered (synchronous=FULL), and a write takes the
# lock at its beginning (IMMEDIATE), so that two writers wait instead of failing in the middle.
_SQLITE: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 10,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY",
}
DATABASES: dict[str, Any] = {"default": dj_database_url.parse(SHERIF.database_url)}
# A server that hangs must not hang her phone: it says so within seconds, and the phone sends again.
_POSTGRESQL: dict[str, Any] = {
    "connect_timeout": 5,
    "options": "-c statement_timeout=10000 -c lock_timeout=5000",
    "tcp_user_timeout": 10_000,
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = _SQLITE
elif DATABASES["default"]["ENGINE"].endswith("postgresql"):
    DATABASES["default"].setdefault("OPTIONS", {}).update(_POSTGRESQL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "alerts.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "alerts:profile"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "alerts.forms_entrance.SignUpForm"
ACCOUNT_FORMS = {
    "login": "sherif_web.account_forms.LoginForm",
    "signup": "sherif_web.account_forms.SignupForm",
    "reauthenticate": "sherif_web.account_forms.ReauthenticateForm",
    "change_password": "sherif_web.account_forms.ChangePasswordForm",
    "set_password": "sherif_web.account_forms.SetPasswordForm",
}
ACCOUNT_ADAPTER = "sherif_web.adapters.AccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # they become lines that she reads, and messages to her safe address
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"recover": "20/m/ip"}  # tries of a recovery code; the library's own limits stay
# Limits count by the true peer: behind a proxy, the address that this proxy wrote; otherwise no header is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if SHERIF.trusted_proxies else 0
MFA_FORMS = {
    "authenticate": "sherif_web.account_forms.CodeForm",
    "reauthenticate": "sherif_web.account_forms.CodeAgainForm",
    "activate_totp": "sherif_web.account_forms.ActivateCodesForm",
    "add_webauthn": "sherif_web.account_forms.AddKeyForm",
}
MFA_ADAPTER = "sherif_web.adapters.SecondFactorAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True  # a passkey alone opens the door: it asks for a finger, a face or a code by itself
MFA_TOTP_TOLERANCE = 1  # steps of 30 s: clocks of telephones drift
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]

_HOST_PREFIX = "__Host-" if SHERIF.secure else ""
SESSION_COOKIE_NAME = f"{_HOST_PREFIX}session"
CSRF_COOKIE_NAME = f"{_HOST_PREFIX}csrf"
FACE_COOKIE_NAME = f"{_HOST_PREFIX}face"
VISIT_COOKIE_NAME = f"{_HOST_PREFIX}visit"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SHERIF.secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "sherif_web.errors.csrf_failure"

SECURE_SSL_REDIRECT = SHERIF.secure
SECURE_HSTS_SECONDS = 31_536_000 if SHERIF.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SHERIF.secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SHERIF.trusted_proxies else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
# Not no-referrer: browsers then send "Origin: null" with our own forms and Django's protection refuses them. The pages
# whose address is a secret (/r/) say no-referrer themselves and check the origin themselves.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_SOCKETS = SHERIF.public_url.replace("http", "ws", 1)  # older Safari does not count ws: as 'self'
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF, _SOCKETS],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
# Microphone and camera are for the live page and for her own telephone's, and for no other.
_SENSES = "geolocation=(self), screen-wake-lock=(self)"
PERMISSIONS_POLICY = {
    "page": f"{_SENSES}, microphone=(), camera=()",
    "room": f"{_SENSES}, microphone=(self), camera=(self)",
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", gettext_lazy("français")), ("en", gettext_lazy("anglais"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Paris"
PHONENUMBER_DEFAULT_REGION = "FR"
PHONENUMBER_DB_FORMAT = "E164"

STATIC_URL = "/static/"
STATIC_ROOT = SHERIF.data_dir / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "sherif_web.staticfiles.HashedStaticFiles"},
}

# How long what is kept is kept, in days from the cap of an alert, or from the removal of a relative; the privacy notice
# reads them, the sweep obeys them once a day. Alerts: six years, the limitation period of most offences (Code de
# procédure pénale, article 8). Defaults to be confirmed by counsel.
KEEPING = {
    "positions_days": 30,
    "deliveries_days": 365,
    "drills_days": 365,
    "alerts_days": 2192,
    "removed_days": 30,  # number and address of a relative whom she removed
}
# Sound stops when less of the disk is free than this: rows of alerts need it more. After so many days she is asked
# whether to keep a recording, and again every so many days; without her answer nothing is erased. One that she erases
# is gone after so many hours, within which she may take that back.
RECORDINGS = {
    "least_free_bytes": 500 * 1024 * 1024,
    "reviewed_days": 365,
    "asked_again_days": 30,
    "erased_after_hours": 48,
}
# After so many days her own page says that a telephone or a button is silent, or that the last drill is long ago.
SILENT_AFTER = {"phone_days": 7, "button_days": 7, "drill_days": 90}

# Our own decorator verifies every hook (alerts.views.hooked). These only keep django-twilio's from being weaker, or
# from stopping a process that imports it, should anybody ever reach for it.
DJANGO_TWILIO_FORGERY_PROTECTION = True
TWILIO_ACCOUNT_SID = SHERIF.twilio_account_sid
TWILIO_AUTH_TOKEN = SHERIF.twilio_auth_token

# So many repetitions within so many minutes: per contact, per victim, per association, in all. First messages are
# never held back (alerts.domain.limits). A whole ladder, climbed as often as it can be, stays below the first two.
LIMITS = {"minutes": 10, "contact": 40, "victim": 200, "association": 3_000, "all": 10_000}

EMAIL_TIMEOUT = 10
# Of django-anymail only the readers of mail services' events are used; each proves who it is by name and password.
ANYMAIL = {
    "WEBHOOK_SECRET": SHERIF.mail_webhook_secret,
    "MAILGUN_WEBHOOK_SIGNING_KEY": SHERIF.mail_webhook_key,
    "POSTAL_WEBHOOK_KEY": SHERIF.mail_webhook_key,
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "scrubbed": {
            "()": "sherif_web.scrubbing.ScrubbingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "scrubbed"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
        "aioice": {"level": "ERROR"},  # everything below names addresses
        "aiortc": {"level": "ERROR"},
        "daphne": {"level": "WARNING"},
        "geopy": {"level": "WARNING"},  # below it writes positions
        "twilio.http_client": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},  # below it writes addresses, and in them numbers
    },
}
