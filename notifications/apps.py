"""Django's entry for the app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The `notifications` app."""

    name = "notifications"
