"""How one operation and one shape become part of the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework import serializers
from rest_framework.request import Request

from accounts.endpoints import Endpoint
from accounts.wire import Strict

Shape = dict[str, Any]
_made: dict[str | None, Shape] = {}


class Generator(SchemaGenerator):
    """Makes the document once per process and language: it follows from code that does not change."""

    def get_schema(self, request: Request | None = None, public: bool = False) -> Shape:
        """The document."""
        language = translation.get_language()
        if language not in _made:
            _made[language] = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        return _made[language]


class Inspector(AutoSchema):
    """Readable names, the scope of every operation, and fields that say their own JSON Schema as `shape`."""

    def get_operation_id(self) -> str:
        """The words of the path and, where they are no verb, what is done: `returns_list`, `returns_cancel`."""
        words = [word.replace("-", "_").replace(".", "_") for word in self._tokenize_path()]
        return "_".join([*words, *self._verb()])

    def _verb(self) -> list[str]:
        answers: Any = self.get_response_serializers()
        if self.method == "GET":
            if "results" in getattr(answers, "_declared_fields", ()):
                return ["list"]
            return ["read"] if self.path.endswith("}") else []
        statuses: Any = answers if isinstance(answers, Mapping) else {}
        return ["create"] if 201 in statuses else []

    def get_summary(self) -> str | None:
        """The first clause of what the door says of itself."""
        first = self._doc().partition("\n")[0].partition(". ")[0]
        for mark in (": ", "; "):
            first = first.partition(mark)[0]
        return first.rstrip(".")

    def get_description(self) -> str:  # type: ignore[override]
        """All of what the door says of itself, and the scope that it asks for."""
        return f"{self._doc()}\n\nScope: `{self._scope()}`."

    def _doc(self) -> str:
        return super().get_description()

    def _scope(self) -> str:
        return str(cast(Endpoint, self.view).scopes[self.method])

    def get_auth(self) -> list[Shape]:
        """A key with the scope."""
        return [{"key": [self._scope()]}]

    def get_serializer_name(self, serializer: Any, direction: Direction) -> str:
        """`ReturnIn` is `ReturnRequest` and `ReturnOut` is `Return`."""
        name = str(super().get_serializer_name(serializer, direction))
        if name.endswith("In"):
            return f"{name.removesuffix('In')}Request"
        return name.removesuffix("Out")

    def _map_serializer(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Shape:
        found: Shape = super()._map_serializer(  # type: ignore[no-untyped-call]
            serializer, direction, bypass_extensions
        )
        own = deepcopy(getattr(serializer, "shape", {}))
        if own:
            members = {**found.get("properties", {}), **own["properties"]}
            found = {**own, "properties": members, "required": [*found.get("required", []), *own["required"]]}
        if isinstance(serializer, Strict):
            found["additionalProperties"] = False
        return found

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        own = getattr(field, "shape", None)
        if own is None or isinstance(field, serializers.BaseSerializer):
            found: Any = super()._map_serializer_field(  # type: ignore[no-untyped-call]
                field, direction, bypass_extensions
            )
            if type(field) is serializers.CharField:
                found.pop("minLength", None)  # an answer's text may be empty
            return found
        longest = getattr(field, "max_length", None)
        if own.get("type") == "string" and longest and "format" not in own:
            own = {**own, "maxLength": longest}
        meta: Shape = self._get_serializer_field_meta(field, direction)  # type: ignore[no-untyped-call]
        meta.pop("minLength", None)
        nullable = meta.pop("nullable", False)
        return _with_null({**own, **meta}) if nullable else {**own, **meta}


def _with_null(shape: Shape) -> Shape:
    """The shape or null, as JSON Schema says it; OpenAPI 3.0 had `nullable`, which 3.1 knows no more."""
    for name in ("anyOf", "oneOf"):
        if name in shape:
            return {**shape, name: [*shape[name], {"type": "null"}]}
    kinds = shape.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return {**shape, "type": list(dict.fromkeys([*kinds, "null"]))} if kinds else shape
