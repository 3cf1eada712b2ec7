"""A return of another system moves in once, whoever imports it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0003_log_and_search")]
    operations = [
        migrations.AddConstraint(
            model_name="return",
            constraint=models.UniqueConstraint(
                condition=models.Q(("imported_from", ""), _negated=True),
                fields=("shop", "imported_from"),
                name="moves_in_once",
            ),
        )
    ]
