from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROLES = {
    "agent": ["returns_write", "warehouse_read", "refunds_write", "policy_read", "override_policy"],
    "warehouse": ["returns_read", "warehouse_write"],
    "manager": [
        "orders_write",
        "returns_write",
        "warehouse_write",
        "refunds_write",
        "policy_write",
        "insights_read",
        "override_policy",
        "approve_reimbursement",
        "retry_parked",
    ],
    "admin": ["admin"],
    "integrator": ["orders_write", "returns_write", "webhooks_write"],
}


def create_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_app_config("accounts")
    config.models_module = True  # the migration's registry has none, and permissions are made only for apps with models
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    group = apps.get_model("auth", "Group")
    permission = apps.get_model("auth", "Permission")
    for name, codenames in ROLES.items():
        role, _new = group.objects.get_or_create(name=name)
        role.permissions.set(permission.objects.filter(content_type__app_label="accounts", codename__in=codenames))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length"), ("contenttypes", "0002_remove_content_type_name")]
    operations = [migrations.RunPython(create_roles, migrations.RunPython.noop)]
