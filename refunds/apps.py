"""Django's entry for the app."""

from django.apps import AppConfig


class RefundsConfig(AppConfig):
    """The `refunds` app."""

    name = "refunds"
