from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

HOUSE_POLICY = {
    "name": "House policy",
    "window": {"days": 30, "from": "delivered"},
    "defaults": {
        "decision": "authorize",
        "resolutions": ["refund", "exchange", "store_credit"],
        "methods": ["label", "qr", "drop_off", "pickup", "in_store"],
        "return_shipping_payer": "customer",
        "refund_outbound_shipping": False,
        "promotion_on_return": "keep",
        "label_fee": {"gross": "0"},
        "label_valid_days": 14,
        "expire_after_days": 30,
        "store_credit_valid_days": 730,
        "bonus_credit_percent": 0,
        "auto_reimburse": True,
        "refund_order": "last_first",
        "goodwill_second_person_above": "100.00",
    },
    "rules": [],
}


def publish_house_policy(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    shop = apps.get_model("customers", "Shop").objects.get(code="main")
    apps.get_model("returns", "ReturnPolicy").objects.get_or_create(
        shop=shop,
        version=1,
        defaults={
            "name": "House policy",
            "state": "published",
            "document": HOUSE_POLICY,
            "starts_at": timezone.now(),
            "created_by": "installation",
        },
    )


class Migration(migrations.Migration):
    dependencies = [("returns", "0001_initial"), ("customers", "0002_main_shop")]
    operations = [migrations.RunPython(publish_house_policy, migrations.RunPython.noop)]
