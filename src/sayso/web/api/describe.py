"""The API's description: OpenAPI 3.1 for programs, and the same as a page for people, made here of our own parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from sayso import __version__
from sayso.web.api.shapes import ProblemDetails
from sayso.web.api.tools import answer
from sayso.web.render import page
from sayso.web.rules import Router, rule, rule_of

ABOUT = """Everything the pages do, as JSON. Send a token as `Authorization: Bearer sayso_…`; on a machine's own
address, as long as there are no accounts, none is needed. Lists come in pages: ask again with `cursor` set to `next`.
A write with an `Idempotency-Key` can be repeated without being done twice. Errors are problem details (RFC 9457)."""

router = Router(prefix="/api")
_METHODS = ("get", "post", "patch", "put", "delete")


def _part(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT, _SOME = {"type": "string"}, {"type": ["string", "null"]}
RESOLUTION = _part(
    target=_TEXT,
    value=_TEXT,
    outcome={"type": ["number", "null"], "description": "1 true or kept, 0 false or broken, null: not scored."},
    on={"type": "string", "format": "date"},
    by=_SOME,
    note=_SOME,
    evidence={"type": "array", "items": _TEXT},
    at=_TEXT,
)
CORRECTION = _part(
    id={"type": "integer"},
    at=_TEXT,
    by=_SOME,
    action={"enum": ["change", "split", "join", "delete", "add", "undo"]},
    thread=_TEXT,
    post=_TEXT,
    changes={
        "type": "array",
        "items": _part(
            claim=_TEXT,
            before={"type": ["object", "null"], "description": "Null: it was not there."},
            after={"type": ["object", "null"], "description": "Null: it is gone."},
        ),
    },
    undone={"type": "boolean"},
)
READING = _part(
    id=_TEXT,
    state={"enum": ["waiting", "reading", "done", "failed", "cancelled"]},
    form={"enum": ["text", "address", "file"]},
    name=_TEXT,
    progress={"type": "number", "minimum": 0, "maximum": 1},
    problem=_SOME,
    articles={"type": "array", "items": {"type": "integer"}},
    claims={"type": "integer"},
    before={"type": "integer", "description": "Readings that wait before it."},
)
KEPT = _part(
    article={"type": "integer", "description": "The number of its article."},
    people={"type": "array", "items": {"type": "integer"}, "description": "The numbers of the people in its chain."},
    due={"type": ["string", "null"], "format": "date"},
    resolution={"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Resolution"}]},
)


@lru_cache(maxsize=1)
def _claim_parts() -> dict[str, Any]:
    """The claim's own schema as components: what it names as its own stands beside it."""
    from sayso.export import schema

    text = json.dumps(schema()).replace("#/$defs/", "#/components/schemas/claim_")
    claim = json.loads(text)
    parts = {f"claim_{name}": value for name, value in claim.pop("$defs").items()}
    for key in ("$schema", "$id", "if", "else"):
        claim.pop(key, None)
    claim["properties"]["kept"] = {"description": "What the ledger knows of it.", **KEPT}
    return {"Claim": claim, **parts}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description of an application, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="Sayso", version=__version__, description=ABOUT, routes=app.routes, openapi_version="3.1.0"
        )
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas |= _claim_parts()
        schemas |= {"Resolution": RESOLUTION, "Correction": CORRECTION, "Reading": READING}
        schemas |= {"Done": _part(step={"type": "integer"}), "ProblemDetails": ProblemDetails.model_json_schema()}
        made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"token": []}]
        for endpoint, operation in _operations(app, made):
            stated = rule_of(endpoint)
            if stated is not None:
                operation["x-role"], operation["x-scope"] = stated.role, stated.scope
                operation["x-public"] = stated.public
        app.openapi_schema = made
    return app.openapi_schema


def _operations(app: FastAPI, made: dict[str, Any]) -> Iterator[tuple[object, dict[str, Any]]]:
    from sayso.web.app import routes

    for path, methods, endpoint in routes(app):
        for method in methods:
            operation = made["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                yield endpoint, operation


@router.get("/v1/openapi.json")
@rule("reader", public=True)
def openapi(request: Request) -> Response:
    """The description for programs."""
    return answer(describe(request.app))


@router.get("")
@rule("reader", public=True)
def browse(request: Request) -> Response:
    """The same for people."""
    made = describe(request.app)
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in made["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                entry = {"method": method.upper(), "path": path, **_shown(operation)}
                groups.setdefault(operation["tags"][0], []).append(entry)
    return page(request, "api.html", title="API", about=ABOUT, groups=groups, schemas=_schemas(made))


def _shown(operation: dict[str, Any]) -> dict[str, Any]:
    """What the page tells of one operation."""
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "role": operation.get("x-role"),
        "scope": operation.get("x-scope"),
        "public": operation.get("x-public"),
        "parameters": [
            {
                "name": each["name"],
                "in": each["in"],
                "required": each.get("required", False),
                "type": kind_of(each["schema"]),
                "description": each.get("description", ""),
            }
            for each in operation.get("parameters", [])
        ],
        "body": [(kind, name_of(value["schema"])) for kind, value in body.items()],
        "answers": [(status, value["description"]) for status, value in operation["responses"].items()],
    }


def _schemas(made: dict[str, Any]) -> list[dict[str, Any]]:
    """The shapes that the page tells, with their fields."""
    found = []
    for name, value in sorted(made["components"]["schemas"].items()):
        if name.startswith(("claim_", "HTTPValidation", "Validation", "Body_")):
            continue
        required = value.get("required", [])
        fields = [
            {
                "name": key,
                "type": kind_of(each),
                "required": key in required,
                "description": each.get("description", ""),
            }
            for key, each in value.get("properties", {}).items()
        ]
        found.append({"name": name, "description": value.get("description", ""), "fields": fields})
    return found


def _said(value: dict[str, Any]) -> str:
    return str(value.get("description", ""))


def name_of(schema: dict[str, Any]) -> str | None:
    """The name of the component that a schema refers to."""
    reference = schema.get("$ref")
    return None if reference is None else str(reference).rpartition("/")[2]


def kind_of(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if (name := name_of(schema)) is not None:
        return name.removeprefix("claim_")
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(kind_of(each) for each in schema[key]))
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {kind_of(schema['items'])}" if isinstance(schema.get("items"), dict) else "list"
    return schema.get("format", kind) if kind == "string" else str(kind)
