"""Tests run on PostgreSQL and Redis: the named ones, local ones, or ones started for the run (tests/servers.py)."""

import os

from tests import servers

servers.ensure()
os.environ.setdefault("SECRET_KEY", "for-tests-" + "t" * 40)

from config.settings import base  # noqa: E402
from config.settings.base import *  # noqa: E402, F403

DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = base.DATABASES
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["TEST"] = {"NAME": f"test_comeback{os.environ.get('TEST_DB_SUFFIX', '')}"}
STORAGES = base.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECOND_FACTOR_REQUIRED = False
LANGUAGE_CODE = "en"
