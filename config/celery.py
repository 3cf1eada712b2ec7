"""The Celery app: the doorbell for work whose truth is rows."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import worker_process_init

from config.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("comeback")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def settle_down(**_: object) -> None:
    """Each process of a worker, once its tasks are loaded."""
    settle()
