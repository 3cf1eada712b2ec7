"""Strangers' requests made from the OpenAPI document: no server error, and every answer as documented."""

from __future__ import annotations

import copy
import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test.utils import override_settings
from schemathesis import Case
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import (
    CoveragePhaseConfig,
    FuzzingPhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.schemas import OpenApiSchema

from config.schema.complete import operations
from config.schema.inspector import Generator
from tests.builders import BASE, Api, api_client, ask, command, inspect, label, place, receive, reimburse
from tests.operations import World, build_world

pytestmark = pytest.mark.django_db
FULL = bool(os.environ.get("FULL"))
Ids = dict[str, list[str]]
ABOUT = {
    "orders": "order", "jobs": "job", "shipments": "shipment", "receipts": "receipt", "inspections": "inspection",
    "reimbursements": "reimbursement", "refunds": "refund", "policies": "policy",
}  # fmt: skip
# A document can say that a quantity is a number and not that it is more than was sold: what the document allows may
# be refused, what it forbids must be. Ids come from the world below, so nothing has to be found again or gone.
NEGATIVE = "negative_data_rejection"
LEFT_OUT = ("positive_data_acceptance", "use_after_free", "ensure_resource_availability")


def config(examples: int, *, coverage: bool) -> SchemathesisConfig:
    """How many requests per operation, and whether each boundary of each member is tried as well."""
    phases = PhasesConfig(coverage=CoveragePhaseConfig(enabled=coverage), fuzzing=FuzzingPhaseConfig())
    generation = GenerationConfig(max_examples=examples, deterministic=not FULL, database="none")
    project = ProjectConfig(phases=phases, generation=generation)
    return SchemathesisConfig(projects=ProjectsConfig(default=project))


def load(settings: SchemathesisConfig) -> OpenApiSchema:
    """The document as it is served, with the running application behind it."""
    document = Generator().get_schema(public=True)
    found = schemathesis.openapi.from_dict(copy.deepcopy(document), config=settings)
    found.app = WSGIHandler()
    return found


@pytest.fixture(scope="module")
def brief() -> OpenApiSchema:
    """A few requests per operation."""
    return load(config(4, coverage=False))


@pytest.fixture(scope="module")
def thorough() -> OpenApiSchema:
    """Many requests per operation, boundaries included."""
    return load(config(200 if FULL else 20, coverage=True))


def states(api: Api) -> list[dict[str, Any]]:
    """Returns that stand everywhere in the life."""
    order = place(api, *({**LINE, "id": f"L{number}"} for number in range(12)))
    steps: list[Callable[[dict[str, Any]], Any]] = [
        lambda rma: command(api, rma, "authorize"),
        lambda rma: label(api, rma),
        lambda rma: receive(api, rma),
        lambda rma: inspect(api, rma, ("A", 1)),
        lambda rma: reimburse(api, rma),
    ]
    found = []
    for number in range(12):
        rma = ask(api, order, (f"L{number}", 2))
        for step in steps[: number % 4]:
            step(rma)
        found.append(rma)
    return found


LINE: dict[str, Any] = {"sku": "MUG", "title": "Mug", "quantity": 3, "unit_price": "20.00", "tax_rate": "0.23"}


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(_context: Any, value: Any) -> dict[str, Any]:
    """The document calls the stream a text, which is sent as it is."""
    return {"data": str(value).encode()}


class Aim:
    """Points requests at things that exist: a random id would be a 404 for ever."""

    def __init__(self, worlds: list[World], rmas: list[dict[str, Any]]) -> None:
        self.dice = random.Random(7)
        self.ids: Ids = defaultdict(list)
        for world in worlds:
            for about, found in world.ids.items():
                self.ids[about].append(found)
        self.ids["rma"] += [rma["rma"] for rma in rmas]
        self.items = {rma["rma"]: [item["id"] for item in rma["items"]] for rma in [w.rma for w in worlds] + rmas}

    def at(self, case: Case) -> None:
        """Put real ids where the request is meant to be right; every sixth time leave it as it came."""
        if case.meta is None or not self.dice.randrange(6):
            return
        if not case.meta.is_negative_at(ParameterLocation.PATH) and case.path_parameters:
            self._path(case)
        json = case.media_type == "application/json" and isinstance(case.body, dict)
        if json and not case.meta.is_negative_at(ParameterLocation.BODY):
            case.body = self._body(case.body, dict(case.path_parameters or {}).get("rma", ""))

    def _path(self, case: Case) -> None:
        kind = case.operation.path.removeprefix(f"{BASE}/").partition("/")[0]
        for name in case.path_parameters:
            known = {"rma": "rma", "code": "credit", "ref": "withdrawal", "reference": "reference"}
            about = {"id": ABOUT.get(kind, ""), **known}[name]
            if self.ids[about]:
                case.path_parameters[name] = self.dice.choice(self.ids[about])

    def _body(self, value: Any, rma: str) -> Any:
        if isinstance(value, list):
            return [self._body(inner, rma) for inner in value]
        if not isinstance(value, dict):
            return value
        found = {name: self._body(inner, rma) for name, inner in value.items()}
        if isinstance(found.get("item"), str) and rma in self.items:
            found["item"] = self.dice.choice(self.items[rma])
        if "rma" in found and "items" in found:
            found["rma"] = self.dice.choice(self.ids["rma"])
        if isinstance(found.get("order"), dict):
            found["order"] = {"id": self.dice.choice(self.ids["order"])}
        if isinstance(found.get("quantity"), int) and not isinstance(found["quantity"], bool):
            found["quantity"] = self.dice.choice([1, 1, found["quantity"]])
        return found


@dataclass(frozen=True)
class Shop:
    """A shop with a few of everything, and the key that may do everything there."""

    api: Api
    aim: Aim


@pytest.fixture
def _django_db_helper(shop: Shop) -> None:
    """In place of pytest-django's: the one transaction of `shop` is around all of them."""


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Shop]:
    """One shop for all requests, in a transaction that no request may close and that never commits."""
    signals = (request_started, request_finished)
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, transaction.atomic():
        api = api_client("admin")
        worlds = [build_world(api), build_world(api)]
        aim = Aim(worlds, states(api))
        # Django's own client does this around each request, and so undoes it after each
        for signal in signals:
            signal.disconnect(close_old_connections)
        yield Shop(api, aim)
        for signal in signals:
            signal.connect(close_old_connections)
        transaction.set_rollback(True)


def harmless(case: Case) -> bool:
    """Whether what the document forbids is there to be ignored: unknown headers, empty query parameters.

    And the stream of an import is text whatever it holds: its lines are refused one by one, by the job.
    """
    assert case.meta is not None
    wrong = {where for where, part in case.meta.components.items() if part.mode.is_negative}
    empty = any(value == "" for value in case.query.values())
    return ParameterLocation.HEADER in wrong or not wrong or empty or case.operation.path.endswith("/orders/import")


def send(case: Case, shop: Shop) -> None:
    """Send a request and hold the answer against the document."""
    shop.aim.at(case)
    load_all_checks()
    without = [CHECKS.get_one(name) for name in (*LEFT_OUT, *([NEGATIVE] if harmless(case) else []))]
    case.call_and_validate(headers={"Authorization": f"Bearer {shop.api.text}"}, excluded_checks=without)


def request_all(schema: OpenApiSchema, operation: str, shop: Shop) -> None:
    """Make the requests of one operation. Schemathesis' own way to spread them over tests needs an older pytest."""

    def test(case: Case) -> None:
        send(case, shop)

    found = schema.find_operation_by_id(operation)
    made = build_operation_test(
        config=schema.config, operation=found, test_func=test, given_kwargs={}, feedback=FeedbackSources()
    )
    made()


NAMES = sorted(found["operationId"] for _path, _method, found in operations(Generator().get_schema(public=True)))


@pytest.mark.parametrize("operation", NAMES)
def test_few_requests(brief: OpenApiSchema, operation: str, shop: Shop) -> None:
    """Small enough to run on every change."""
    request_all(brief, operation, shop)


@pytest.mark.scale
@pytest.mark.parametrize("operation", NAMES)
def test_many_requests(thorough: OpenApiSchema, operation: str, shop: Shop) -> None:
    """Boundaries of every member, missing and unknown members, wrong types, wrong methods."""
    request_all(thorough, operation, shop)
