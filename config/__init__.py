"""The composition root: it alone sees everything, nothing imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
