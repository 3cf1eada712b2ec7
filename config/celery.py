"""The Celery app: the doorbell for work whose truth is rows."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("comeback")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
