"""Django's entry for the app."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """The `insights` app."""

    name = "insights"
