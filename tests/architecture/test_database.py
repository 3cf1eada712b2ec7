"""Keys between tables point the way imports do, and no migration is missing."""

from __future__ import annotations

import ast

import pytest
from django.apps import apps
from django.core.management import call_command

from tests.architecture.source import APPS, Source, ours

RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}


def rank(app: str) -> int:
    return APPS.index(app) if app in APPS else -1


def test_no_key_points_right() -> None:
    wrong = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in APPS
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.related_model is not None and not isinstance(field.related_model, str)
        if rank(field.related_model._meta.app_label) > rank(model._meta.app_label)
    ]
    assert wrong == []


def named_to_the_right(source: Source) -> list[str]:
    """Keys whose target is written as text, past the import contracts, and lies further right."""
    app = source.path.partition("/")[0]
    return [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in RELATIONS
        for target in [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "to")]
        if isinstance(target, ast.Constant)
        if rank(str(target.value).partition(".")[0]) > rank(app)
    ]


def test_no_key_points_right_by_name() -> None:
    assert [place for source in ours() for place in named_to_the_right(source)] == []


def test_a_key_to_the_right_is_seen() -> None:
    text = "a = models.ForeignKey('refunds.Refund')\nb = models.OneToOneField(to='customers.Order')\n"
    assert named_to_the_right(Source("returns/models.py", text)) == ["returns/models.py:1"]
    assert named_to_the_right(Source("accounts/models.py", text)) == [
        "accounts/models.py:1",
        "accounts/models.py:2",
    ]


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
