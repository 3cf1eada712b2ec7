import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ROLES = ("agent", "manager")


def let_them_give(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    config = apps.get_app_config("accounts")
    config.models_module = True  # the migration's registry has none, and permissions are made only for apps with models
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="accounts", codename="give_goodwill"
    )
    for role in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        role.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_roles'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='user',
            options={'permissions': [('orders_read', 'Read orders, products and jobs'), ('orders_write', 'Write orders, products and jobs'), ('returns_read', 'Read everything from orders to events'), ('returns_write', 'Ask for returns, decide them, ship them'), ('warehouse_read', 'Read receipts, inspections and stock movements'), ('warehouse_write', 'Receive, photograph and inspect'), ('refunds_read', 'Read reimbursements and refunds'), ('refunds_write', 'Reimburse, mark paid, retry'), ('policy_read', 'Read policies'), ('policy_write', 'Draft and publish policies'), ('webhooks_read', 'Read webhooks'), ('webhooks_write', 'Manage webhooks'), ('insights_read', 'Read reports'), ('admin', 'Everything'), ('override_policy', 'Decide otherwise than the policy, with a reason'), ('approve_reimbursement', 'Approve what another person prepared'), ('give_goodwill', 'Give money without goods, with a reason'), ('retry_parked', 'Retry parked events and messages')], 'verbose_name': 'staff member', 'verbose_name_plural': 'staff'},
        ),
        migrations.AddField(
            model_name='apikey',
            name='created_by',
            field=models.ForeignKey(blank=True, help_text='Who made it: what the key prepares, this person cannot approve, and the other way round.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='api_keys', to=settings.AUTH_USER_MODEL),
        ),
        migrations.RunPython(let_them_give, migrations.RunPython.noop),
    ]
