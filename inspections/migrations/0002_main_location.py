from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def create_main_location(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("inspections", "Location").objects.get_or_create(code="MAIN", defaults={"name": "Main warehouse"})


class Migration(migrations.Migration):
    dependencies = [("inspections", "0001_initial")]
    operations = [migrations.RunPython(create_main_location, migrations.RunPython.noop)]
