"""Which law a return and its decisions stand under, what its refund clock looks at, and a second look asked for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0005_queues")]

    operations = [
        migrations.AddField("policydecision", "law_profile", models.CharField(blank=True, default="", max_length=40)),
        migrations.AddField(
            "return",
            "law_profile",
            models.CharField(blank=True, default="", help_text="The law that sets the refund clock.", max_length=40),
        ),
        migrations.AddField("return", "law_version", models.CharField(blank=True, default="", max_length=40)),
        migrations.AddField(
            "return",
            "law_facts",
            models.JSONField(default=dict, help_text="What the refund clock of that law looks at."),
        ),
        migrations.AddField(
            "return",
            "refund_warned",
            models.PositiveSmallIntegerField(default=0, help_text="Warnings sent: 1 soon, 2 last, 3 past."),
        ),
        migrations.AddField("return", "risk", models.CharField(blank=True, default="", max_length=10)),
        migrations.AddField(
            "return",
            "contested_at",
            models.DateTimeField(help_text="When the customer asked a person to look again.", null=True),
        ),
    ]
