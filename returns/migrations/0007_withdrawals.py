"""Statements of withdrawal; what was said can never be rewritten, only erased as a whole."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SAID = [
    "ref", "shop_id", "law", "channel", "received_at", "received_local", "zone", "name", "contract", "means",
    "statement", "scope", "locale", "id_number", "ui", "nonce", "content_sha256", "submit_key", "dispatched_at",
]
# an acknowledgement is written once, right after the row
CHANGED = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in SAID)
REWRITTEN = f"NEW.erased_at IS NULL AND ({CHANGED} OR (OLD.ack_sha256 <> '' AND NEW.ack_sha256 <> OLD.ack_sha256))"

POSTGRES = f"""
CREATE OR REPLACE FUNCTION returns_withdrawal_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a statement of withdrawal is kept as it was made';
END $$;
CREATE TRIGGER withdrawal_never_deleted BEFORE DELETE ON returns_withdrawal
    FOR EACH ROW EXECUTE FUNCTION returns_withdrawal_is_kept();
CREATE TRIGGER withdrawal_never_rewritten BEFORE UPDATE ON returns_withdrawal
    FOR EACH ROW WHEN ({REWRITTEN}) EXECUTE FUNCTION returns_withdrawal_is_kept();
"""

SQLITE = [
    "CREATE TRIGGER withdrawal_never_deleted BEFORE DELETE ON returns_withdrawal "
    "BEGIN SELECT RAISE(ABORT, 'a statement of withdrawal is kept as it was made'); END",
    "CREATE TRIGGER withdrawal_never_rewritten BEFORE UPDATE ON returns_withdrawal "
    f"WHEN {REWRITTEN.replace('IS DISTINCT FROM', 'IS NOT')} "
    "BEGIN SELECT RAISE(ABORT, 'a statement of withdrawal is kept as it was made'); END",
]


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES)
        return
    for statement in SQLITE:
        schema_editor.execute(statement)


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on = " ON returns_withdrawal" if schema_editor.connection.vendor == "postgresql" else ""
    for name in ("withdrawal_never_deleted", "withdrawal_never_rewritten"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS returns_withdrawal_is_kept()")


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_main_shop"), ("returns", "0006_law")]
    operations = [
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(max_length=20, unique=True, verbose_name='reference')),
                ('law', models.CharField(choices=[('eu', 'EU withdrawal'), ('il', 'Israeli cancellation')], default='eu', max_length=2)),
                ('channel', models.CharField(choices=[('function_web', 'Withdrawal function on the web'), ('function_app', 'Withdrawal function in an app'), ('email', 'E-mail'), ('letter', 'Letter'), ('phone', 'Phone'), ('fax', 'Fax'), ('in_person', 'In person'), ('il_link', 'Israeli cancellation link'), ('api', 'Another program')], max_length=12, verbose_name='how it came')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('received_local', models.CharField(help_text='The wall clock in `zone` at that instant.', max_length=40)),
                ('zone', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('contract', models.TextField(verbose_name='contract as typed')),
                ('means', models.CharField(max_length=254, verbose_name='where the acknowledgement goes')),
                ('statement', models.TextField(verbose_name='statement')),
                ('scope', models.JSONField(default=list, help_text='The items as named; empty is the whole contract.')),
                ('locale', models.CharField(default='en', max_length=8, verbose_name='language')),
                ('id_number', models.TextField(blank=True, help_text='Encrypted; Israel only, and never asked for elsewhere.')),
                ('ui', models.JSONField(default=dict, help_text='Labels, version and hash of the form, and its address.')),
                ('nonce', models.CharField(max_length=32)),
                ('content_sha256', models.CharField(help_text='Over the content; the log holds it too.', max_length=64)),
                ('submit_key', models.CharField(max_length=64, unique=True)),
                ('dispatched_at', models.DateTimeField(help_text='Postmark or date of the e-mail.', null=True)),
                ('recorded_by', models.CharField(blank=True, max_length=120)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('matched_at', models.DateTimeField(null=True)),
                ('matched_by', models.CharField(blank=True, max_length=120)),
                ('evaluation', models.JSONField(default=dict, help_text='What the law says, by line, and the worst of it.')),
                ('verdict', models.CharField(blank=True, max_length=8)),
                ('left_out', models.JSONField(default=list, help_text='Lines whose units another return holds.')),
                ('answer_by', models.DateField(help_text='When the consumer was told to expect our answer.', null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision', models.JSONField(default=dict, help_text='Our answer and its reasons; what the consumer replied.')),
                ('contested_at', models.DateTimeField(null=True)),
                ('ack', models.JSONField(default=dict, help_text='The acknowledgement, word for word.')),
                ('ack_sha256', models.CharField(blank=True, max_length=64)),
                ('ack_to', models.CharField(blank=True, max_length=254)),
                ('ack_state', models.CharField(choices=[('queued', 'On its way'), ('sent', 'Sent'), ('failed', 'Not delivered'), ('to_post', 'To be posted')], default='queued', max_length=8)),
                ('ack_sent_at', models.DateTimeField(null=True)),
                ('ack_error', models.TextField(blank=True)),
                ('held_until', models.DateTimeField(help_text='The mail waits: too many went to this address.', null=True)),
                ('pdf_fetched_at', models.DateTimeField(null=True)),
                ('trouble', models.TextField(blank=True, help_text='Why nothing followed by itself.')),
                ('erased_at', models.DateTimeField(null=True)),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='customers.order')),
                ('rma', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawal', to='returns.return')),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='customers.shop')),
            ],
            options={
                'verbose_name': 'withdrawal',
                'verbose_name_plural': 'withdrawals',
                'indexes': [models.Index(condition=models.Q(('decided_at__isnull', True), ('order__isnull', True)), fields=['id'], name='wd_to_match'), models.Index(condition=models.Q(('decided_at__isnull', True), ('order__isnull', False), ('rma__isnull', True)), fields=['id'], name='wd_to_decide'), models.Index(condition=models.Q(('ack_state__in', ['failed', 'to_post'])), fields=['id'], name='wd_unacknowledged')],
            },
        ),
        migrations.RunPython(forwards, backwards),
    ]
