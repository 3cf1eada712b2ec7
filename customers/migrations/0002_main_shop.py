from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def create_main_shop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("customers", "Shop").objects.get_or_create(
        code="main", defaults={"name": "Main shop", "languages": ["en", "he", "pl"]}
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunPython(create_main_shop, migrations.RunPython.noop)]
