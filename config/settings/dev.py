"""The first look: SQLite, Celery over a folder, mail kept in an outbox; no server needed."""

import os

from config.settings import base

base.VAR.mkdir(exist_ok=True)
os.environ.setdefault("DEBUG", "1")

from config.settings.base import *  # noqa: E402, F403

DEBUG = base.env.bool("DEBUG", default=True)
SECRET_KEY = base.SECRET_KEY or "only-for-this-machine-" + "x" * 40
if base.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES = base.DATABASES
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
if not base.EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = base.VAR / "mail"
STORAGES = base.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
