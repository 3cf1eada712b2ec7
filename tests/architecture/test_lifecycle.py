"""Only returns/lifecycle.py changes the status of a return."""

from __future__ import annotations

import ast
import re

from returns.lifecycle import TRANSITIONS
from returns.models.rma import Status
from tests.architecture.source import Source, ours

OWNER = "returns/lifecycle.py"
# how a return is called wherever it is held: rma, item.rma, self.rma ...
A_RETURN = re.compile(r"(^|\.)(rma|locked_rma|the_return)$")
WRITES = {"update", "bulk_update", "aupdate", "update_or_create"}


def targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        flat = [item for target in node.targets for item in getattr(target, "elts", [target])]
        return flat
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


def assigns_status(node: ast.AST) -> bool:
    value = ast.unparse(node.value) if isinstance(node, ast.Assign) else ""
    return any(
        isinstance(target, ast.Attribute)
        and target.attr == "status"
        and (A_RETURN.search(ast.unparse(target.value)) or re.search(r"\breturn_status\b", value))
        for target in targets(node)
    )


def updates_status(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr not in WRITES or not re.match(r"(Return|rma_queryset|returns)\b", ast.unparse(node.func)):
        return False
    named = {keyword.arg for keyword in node.keywords}
    return "status" in named or "'status'" in " ".join(map(ast.unparse, node.args))


def sets_by_name(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("setattr", "object.__setattr__")
        and len(node.args) > 1
        and bool(A_RETURN.search(ast.unparse(node.args[0])))
        and ast.unparse(node.args[1]) == "'status'"
    )


def status_writes(source: Source) -> list[str]:
    return [
        source.at(node)  # type: ignore[arg-type]
        for node in ast.walk(source.tree)
        if assigns_status(node) or updates_status(node) or sets_by_name(node)
    ]


def test_nobody_else_writes_the_status() -> None:
    assert [place for source in ours() if source.path != OWNER for place in status_writes(source)] == []


def test_the_owner_is_seen_writing_it() -> None:
    owner = next(source for source in ours() if source.path == OWNER)
    assert status_writes(owner) != []


def test_every_way_of_writing_it_is_seen() -> None:
    text = (
        "rma.status = 'received'\n"
        "item.rma.status, x = 'received', 1\n"
        "Return.objects.filter(pk=1).update(status='received')\n"
        "Return.objects.bulk_update(rmas, ['status'])\n"
        "setattr(rma, 'status', 'received')\n"
        "refund.status = 'succeeded'\n"
        "Refund.objects.filter(pk=1).update(status='succeeded')\n"
    )
    assert status_writes(Source("x.py", text)) == [f"x.py:{line}" for line in range(1, 6)]


def test_every_state_can_be_reached_and_left() -> None:
    states = {str(value) for value in Status.values}
    assert {str(move.to) for move in TRANSITIONS} == states
    assert {str(move.origin) for move in TRANSITIONS} == states
    pairs = [(str(move.origin), str(move.to)) for move in TRANSITIONS]
    assert len(pairs) == len(set(pairs))
