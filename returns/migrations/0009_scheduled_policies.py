

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('returns', '0008_trials'),
    ]

    operations = [
        migrations.AlterField(
            model_name='returnpolicy',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('trial', 'On trial'), ('scheduled', 'Starts later'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='returnpolicy',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'scheduled')), fields=('shop',), name='one_scheduled_policy_per_shop'),
        ),
    ]
