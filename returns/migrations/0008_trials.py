

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0003_product_reserved'),
        ('returns', '0007_withdrawals'),
    ]

    operations = [
        migrations.AddField(
            model_name='returnpolicy',
            name='share',
            field=models.PositiveSmallIntegerField(help_text='Percent of customers, of a trial.', null=True),
        ),
        migrations.AlterField(
            model_name='returnpolicy',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('trial', 'On trial'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='returnpolicy',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'trial')), fields=('shop',), name='one_trial_per_shop'),
        ),
        migrations.AddConstraint(
            model_name='returnpolicy',
            constraint=models.CheckConstraint(condition=models.Q(('share', None), ('share__range', (1, 99)), _connector='OR'), name='a_share_is_a_part'),
        ),
    ]
