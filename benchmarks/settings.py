"""The server that is measured: as in work, on loopback, with the bare views of the floor beside it."""

from __future__ import annotations

import os

os.environ.setdefault("SECRET_KEY", "for-measuring-" + "m" * 40)

from config.settings import base
from config.settings.base import *  # noqa: F403

DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.urls"
SECOND_FACTOR_REQUIRED = False
STORAGES = base.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
REST_FRAMEWORK = base.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"credential": "1000000000/min"}}
# the doorbell rings for real, in queues that nobody listens to and that go when the run ends
QUEUES = "comeback-benchmark:"
CELERY_BROKER_TRANSPORT_OPTIONS = base.CELERY_BROKER_TRANSPORT_OPTIONS | {"global_keyprefix": QUEUES}
LOGGING = base.LOGGING | {"root": {"handlers": ["console"], "level": "ERROR"}}
# for the dispatcher alone: what follows from an event is measured elsewhere
NO_REACTIONS: dict[str, list[str]] = {}
