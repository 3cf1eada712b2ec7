"""Django's admin for configuration: staff and API keys."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import ApiKey, User

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class StaffAdmin(UserAdmin):  # type: ignore[type-arg]
    """Staff by e-mail."""

    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "locale")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Keys can be looked at and revoked here; the secret is only ever shown by `create_api_key`."""

    list_display = ("name", "prefix", "expires_at", "last_used_at", "revoked_at")
    readonly_fields = ("prefix", "key_hash", "created_at", "created_by", "last_used_at", "replaces")

    def has_add_permission(self, request: object) -> bool:
        """Keys are made by the command, which shows them once."""
        return False
