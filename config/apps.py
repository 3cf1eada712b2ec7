"""Django's entry for the composition root."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the system checks."""

    name = "config"

    def ready(self) -> None:
        """Checks register themselves when they are imported, which needs the apps."""
        import_module("config.checks")
