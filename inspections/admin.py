"""Django's admin for configuration: locations."""

from __future__ import annotations

from django.contrib import admin

from inspections.models import Location


@admin.register(Location)
class LocationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Places where parcels arrive."""

    list_display = ("code", "name", "kind", "country")
