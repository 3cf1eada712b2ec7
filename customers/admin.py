"""Django's admin for configuration: shops, channels, who works for which shop."""

from __future__ import annotations

from django.contrib import admin

from customers.models import Channel, Shop, ShopMembership


class ChannelInline(admin.TabularInline):  # type: ignore[type-arg]
    """The channels of a shop."""

    model = Channel
    extra = 0


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """The staff that see only this shop."""

    model = ShopMembership
    extra = 0


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Brand, sender, address and languages of a shop."""

    list_display = ("code", "name", "sender_email")
    inlines = (ChannelInline, MembershipInline)
