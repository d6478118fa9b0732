"""The one settings file. Everything that differs between machines comes from the environment (README, table)."""

from pathlib import Path

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from servicemgmt.env import database, env, env_bool, env_int, env_list

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / ".data")))

DEBUG = env_bool("DEBUG", default=False)
DEMO = env_bool("SERVICEMGMT_DEMO", default=False)
SECRET_KEY = env("SECRET_KEY", "insecure-development-key-" + "x" * 40 if DEBUG or DEMO else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY (or SECRET_KEY_FILE), or DEBUG=1 for development.")
# Old keys: sessions, links and second factors stay good.
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "servicemgmt",
    "servicemgmt.core",
    "servicemgmt.masterdata",
    "servicemgmt.ledger",
    "servicemgmt.inventory",
    "servicemgmt.projects",
    "agreements",
    "subscriptions",
    "orders",
    "dispatch",
    "reporting",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_filters",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "servicemgmt.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servicemgmt.core.middleware.PolicyHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "servicemgmt.core.accounts.middleware.SignInRequiredMiddleware",
    "servicemgmt.masterdata.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "servicemgmt.core.middleware.PlainAddressMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "servicemgmt.core.accounts.middleware.SecondFactorMiddleware",
    "servicemgmt.core.only_posts.OnlyPostsMiddleware",
    "servicemgmt.core.sent_once.SentOnceMiddleware",
    "servicemgmt.core.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "servicemgmt.urls"
WSGI_APPLICATION = "servicemgmt.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "servicemgmt.navigation.context",
            ],
            "builtins": ["servicemgmt.core.templatetags.show"],
        },
    }
]

# --- data -------------------------------------------------------------------------------------------------
DATABASES = {"default": database(env("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/servicemgmt"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "servicemgmt",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "servicemgmt.core.tasks.execute_run": {"queue": "runs"},
    "servicemgmt.core.tasks.keep_documents": {"queue": "documents"},
    "servicemgmt.core.tasks.send_mails": {"queue": "documents"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "resume-runs": {"task": "servicemgmt.core.tasks.resume_runs", "schedule": 60.0},
    "send-mails": {"task": "servicemgmt.core.tasks.send_mails", "schedule": 60.0},
    "move-objects": {"task": "agreements.tasks.move_objects", "schedule": crontab(minute=5)},
    "heartbeat": {"task": "servicemgmt.core.tasks.heartbeat", "schedule": 30.0},
    "night": {"task": "orders.tasks.night", "schedule": crontab(hour=1, minute=10)},
    "recognise": {"task": "servicemgmt.projects.tasks.recognise", "schedule": crontab(hour=1, minute=30)},
}

# --- files ------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(DATA_DIR / "media")))
MEDIA_URL = "media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "servicemgmt.core.storage.StaticStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# --- people -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "servicemgmt.core.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the address is the administrator's statement
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"accept_invitation": "20/m/ip"}
ACCOUNT_FORMS = {
    "login": "servicemgmt.core.accounts.sign_in_forms.LoginForm",
    "reauthenticate": "servicemgmt.core.accounts.sign_in_forms.ReauthenticateForm",
    "change_password": "servicemgmt.core.accounts.sign_in_forms.ChangePasswordForm",
    "set_password": "servicemgmt.core.accounts.sign_in_forms.SetPasswordForm",
    "reset_password": "servicemgmt.core.accounts.sign_in_forms.ResetPasswordForm",
    "reset_password_from_key": "servicemgmt.core.accounts.sign_in_forms.ResetPasswordKeyForm",
}
MFA_ADAPTER = "servicemgmt.core.accounts.adapters.MfaAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_TOTP_ISSUER = "Servicemgmt"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "servicemgmt.core.accounts.sign_in_forms.AuthenticateForm",
    "reauthenticate": "servicemgmt.core.accounts.sign_in_forms.CodeReauthenticateForm",
    "activate_totp": "servicemgmt.core.accounts.sign_in_forms.ActivateTOTPForm",
    "login_webauthn": "servicemgmt.core.accounts.sign_in_forms.LoginWebAuthnForm",
    "authenticate_webauthn": "servicemgmt.core.accounts.sign_in_forms.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "servicemgmt.core.accounts.sign_in_forms.ReauthenticateWebAuthnForm",
    "add_webauthn": "servicemgmt.core.accounts.sign_in_forms.AddWebAuthnForm",
    "edit_webauthn": "servicemgmt.core.accounts.sign_in_forms.EditWebAuthnForm",
}
USERSESSIONS_ADAPTER = "servicemgmt.core.accounts.adapters.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False

MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "OPTIONS": {"file_path": DATA_DIR / "mail"},
    }
    if DEMO or DEBUG
    else {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env("EMAIL_HOST", "localhost"),
            "port": env_int("EMAIL_PORT", 25),
            "username": env("EMAIL_HOST_USER", ""),
            "password": env("EMAIL_HOST_PASSWORD", ""),
            "use_tls": env_bool("EMAIL_USE_TLS", default=False),
            "timeout": 10,
        },
    }
}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "service@localhost")

# --- language and time ------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
#: Those that customers are written to in; the pages are in LANGUAGES.
DOCUMENT_LANGUAGES = [*LANGUAGES, ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# Off: templates would write the key 1234 as 1,234 into values and ids. core.display groups what people read.
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["servicemgmt.formats"]

# --- security ---------------------------------------------------------------------------------------------
HTTPS = env_bool("HTTPS", default=not (DEBUG or DEMO))
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env_int("HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if env_bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # How many proxies add to X-Forwarded-For: rate limits and the list of sessions go by the address they name.
    ALLAUTH_TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXIES", 1)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = env_int("SESSION_HOURS", 12) * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "servicemgmt.core.views.errors.csrf_failure"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "worker-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
}

# --- logs -------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "servicemgmt.core.logs.RequestIdFilter"}},
    "formatters": {
        "line": {
            "format": "at=%(asctime)s level=%(levelname)s logger=%(name)s request=%(request_id)s %(message)s"
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
