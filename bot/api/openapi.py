"""The OpenAPI document, generated from the operations that are routed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.api.http import ErrorBody, Operation

__all__ = ["build"]

_REASONS = {
    400: "请求格式有误",
    401: "缺少令牌或令牌不对",
    403: "不允许",
    404: "没有找到",
    409: "与已有记录冲突",
    413: "请求内容太大",
    422: "内容不合要求",
    429: "请求太多",
    503: "某个部分暂时不可用",
}


def build(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document for the operations."""
    models: dict[type[BaseModel], None] = {ErrorBody: None}
    for operation in operations:
        for model in (operation.body, operation.response):
            if isinstance(model, type) and issubclass(model, BaseModel):
                models[model] = None
            for item in getattr(model, "__args__", ()):
                models[item] = None
    references, definitions = models_json_schema(
        [(model, "validation") for model in models],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {}
    for operation in operations:
        entry = _operation(operation, {model: ref for (model, _), ref in references.items()})
        paths.setdefault(operation.path, {})[operation.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "WenCe 问策",
            "version": version,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(operation: Operation, references: dict[Any, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = {"summary": operation.summary, "responses": {}}
    parameters = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, description in operation.path_parameters.items()
    ]
    if operation.query is not None:
        parameters += _query_parameters(operation.query)
    if parameters:
        entry["parameters"] = parameters
    if operation.body is not None:
        schema = references[operation.body]
        entry["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    entry["responses"]["200"] = {"description": "成功"}
    if operation.response is not None:
        entry["responses"]["200"]["content"] = {
            operation.content_type: {"schema": _schema(operation.response, references)}
        }
    for status in operation.errors:
        # /readyz says why it is not ready in the shape of its 200.
        model = ErrorBody if operation.path != "/readyz" else operation.response
        entry["responses"][str(status)] = {
            "description": _REASONS[status],
            "content": {"application/json": {"schema": _schema(model, references)}},
        }
    if operation.secured:
        entry["security"] = [{"token": []}, {}]
    return entry


def _schema(model: Any, references: dict[Any, Any]) -> Any:
    if isinstance(model, dict):
        return model
    items = getattr(model, "__args__", None)
    if items:
        return {"type": "array", "items": references[items[0]]}
    return references[model]


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    rows = []
    for name, properties in schema.get("properties", {}).items():
        properties = {k: v for k, v in properties.items() if k not in {"title", "description"}}
        # In a query an absent value is absent; there is no null to send.
        variants = [v for v in properties.pop("anyOf", []) if v.get("type") != "null"]
        if variants:
            properties.pop("default", None)
            properties = {**variants[0], **properties}
        rows.append(
            {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": model.model_fields[name].description or "",
                "schema": properties,
            }
        )
    return rows
