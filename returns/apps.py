"""Django's entry for the app."""

from django.apps import AppConfig


class ReturnsConfig(AppConfig):
    """The `returns` app."""

    name = "returns"
