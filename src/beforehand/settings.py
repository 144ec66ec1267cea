"""Settings, read from the environment. docs/settings.md lists them; nothing else configures the program."""

import contextlib
import os
import secrets
from importlib.metadata import version
from pathlib import Path

import dj_database_url

from beforehand.lib import env, fingerprint

PACKAGE = Path(__file__).parent
DATA = Path(env.text("BEFOREHAND_DATA", "beforehand-data")).expanduser().resolve()


def _own_secret() -> str:
    """A secret made once for this data folder. It is never shipped and never printed."""
    path = DATA / "secret.key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole before it has its name: another command on the new folder may be reading it already.
        own = DATA / f"secret.{os.getpid()}"
        own.touch(mode=0o600)
        own.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
        own.unlink()
        return path.read_text(encoding="ascii").strip()


SECRET_KEY = env.text("BEFOREHAND_SECRET_KEY") or _own_secret()
DEBUG = env.flag("BEFOREHAND_DEBUG")
ALLOWED_HOSTS = env.words("BEFOREHAND_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("BEFOREHAND_ORIGINS")
BIND = env.text("BEFOREHAND_BIND", "127.0.0.1:8000")
ENGINE = env.text("BEFOREHAND_ENGINE", "duckdb")

INTAKE = DATA / "intake.sqlite3"
LAKE = DATA / "lake"
FILES = DATA / "files"
LAKE_MEMORY_MB = env.number("BEFOREHAND_LAKE_MEMORY_MB", 1024)
LAKE_THREADS = env.number("BEFOREHAND_LAKE_THREADS", 0)
LAKE_GRACE = env.number("BEFOREHAND_LAKE_GRACE", 900)
RAW_DAYS = env.number("BEFOREHAND_RAW_DAYS", 30)
MAX_BODY_BYTES = env.number("BEFOREHAND_MAX_BODY_BYTES", 5 << 20)
MAX_MESSAGE_BYTES = env.number("BEFOREHAND_MAX_MESSAGE_BYTES", 32 << 10)

URL = env.text("BEFOREHAND_URL").rstrip("/")
CLAMAV = env.text("BEFOREHAND_CLAMAV")
TRANSLATE_URL = env.address("BEFOREHAND_TRANSLATE_URL", env.flag("BEFOREHAND_TRANSLATE_PLAIN"))
TRANSLATE_KEY = env.text("BEFOREHAND_TRANSLATE_KEY")
PUSH_SERVICES = env.words(
    "BEFOREHAND_PUSH_SERVICES",
    "fcm.googleapis.com,push.services.mozilla.com,push.apple.com,notify.windows.com",
)
UNDO_SECONDS = env.number("BEFOREHAND_UNDO_SECONDS", 10)
SENDS_AN_HOUR = env.number("BEFOREHAND_SENDS_AN_HOUR", 2000)
QUIET_FROM = env.number("BEFOREHAND_QUIET_FROM", 20)
QUIET_TO = env.number("BEFOREHAND_QUIET_TO", 8)
CHAT_PER_ADDRESS = env.number("BEFOREHAND_CHAT_PER_ADDRESS", 120)

INSTALLED_APPS = [
    # Before allauth, whose pages it replaces.
    "beforehand.team",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "beforehand.customers",
    "beforehand.journey",
    "beforehand.insight",
    "beforehand.channels",
    "beforehand.service",
    "beforehand.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "beforehand.web.policy.ContentPolicy",
    "beforehand.web.files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "beforehand.team.access.OwnHouse",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "beforehand.web.trouble.PlainWords",
]

ROOT_URLCONF = "beforehand.urls"
ASGI_APPLICATION = "beforehand.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": dj_database_url.parse(env.text("DATABASE_URL") or f"sqlite:///{DATA / 'record.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # FULL, because the drain deletes nothing that the record has not put on disk.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 60,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
            " PRAGMA cache_size=-65536; PRAGMA mmap_size=1073741824;"
            # About 64 MB, where the scheduler does not keep the log small (lib/checkpoints.py).
            " PRAGMA wal_autocheckpoint=16000; PRAGMA journal_size_limit=65536000;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # A file, as in real life: one in memory would be shared by threads and gone with its last connection.
    DATABASES["default"]["TEST"] = {"NAME": DATA / "test.sqlite3"}
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "team.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "beforehand.team.accounts.InvitationOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_FORMS = {
    "login": "beforehand.team.forms.LogInForm",
    "reset_password": "beforehand.team.forms.ResetForm",
    "reset_password_from_key": "beforehand.team.forms.ResetKeyForm",
    "change_password": "beforehand.team.forms.ChangePasswordForm",
    "reauthenticate": "beforehand.team.forms.ReauthenticateForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("BEFOREHAND_PROXIES", 0)
MFA_ADAPTER = "beforehand.team.accounts.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
# Counts of failed log-ins are shared by all processes. Parts of pages hang on what their {% cache %} names, and on the
# program: each process has its own.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA / "cache"},
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
    # In memory alone: what customers wrote is on disk in the record and nowhere else.
    "translations": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "translations",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("BEFOREHAND_SMTP_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("BEFOREHAND_SMTP_HOST")
EMAIL_PORT = env.number("BEFOREHAND_SMTP_PORT", 587)
EMAIL_HOST_USER = env.text("BEFOREHAND_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("BEFOREHAND_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("BEFOREHAND_SMTP_TLS", True)
DEFAULT_FROM_EMAIL = env.text("BEFOREHAND_MAIL_FROM", "beforehand@localhost")

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = "beforehand.lib.dates"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# The address changes with the content, so a browser may keep a file for good and never shows an old one.
STATIC_URL = f"/static/{fingerprint.of(sorted(PACKAGE.glob('*/static')))}-{version('django-htmx')}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 31_536_000

HTTPS = env.flag("BEFOREHAND_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "beforehand.web.views.problems.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.text("BEFOREHAND_LOG", "WARNING")},
}
