from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returns", "0009_scheduled_policies")]

    operations = [
        migrations.AddField(
            "return",
            "answer_due_on",
            models.DateField(null=True, help_text="When a complaint should be answered."),
        ),
        migrations.AddField(
            "return",
            "answer_latest_on",
            models.DateField(null=True, help_text="Unanswered after this day it counts as accepted."),
        ),
        migrations.AddField(
            "return",
            "answer_warned",
            models.PositiveSmallIntegerField(default=0, help_text="Warnings sent: 1 soon, 2 last day."),
        ),
        migrations.AddIndex(
            "return",
            models.Index(
                fields=["answer_due_on", "id"],
                condition=models.Q(("answer_due_on__isnull", False), ("decided_at__isnull", True)),
                name="complaints_to_answer",
            ),
        ),
    ]
