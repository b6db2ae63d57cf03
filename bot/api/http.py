"""What all HTTP edges share: operations, JSON in and out, and the one shape of errors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.api.models import ErrorDetail
from bot.errors import (
    ConflictError,
    NotFoundError,
    OverloadedError,
    RasaUnavailableError,
    RequestError,
    StorageError,
)
from bot.logs import get_logger

__all__ = [
    "ErrorBody",
    "Operation",
    "error_middleware",
    "json_response",
    "read_json",
    "read_query",
]

log = get_logger(__name__)
Model = TypeVar("Model", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ErrorBody(BaseModel):
    """The one shape of every error."""

    error: ErrorDetail


@dataclass(frozen=True)
class Operation:
    """One route: what it takes, what it gives, and who serves it.

    The routing table and the OpenAPI document are both made from these.

    Attributes:
        response: the body of a 200; None for one that is not JSON.
        query, body: models of what comes in, or None.
        errors: the statuses it may answer with, beside 200.
        path_parameters: name and description of each ``{name}`` in the path.
        secured: a bearer token may be asked for.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    response: Any = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    errors: tuple[int, ...] = ()
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    secured: bool = False
    content_type: str = "application/json"


def json_response(body: Any, status: int = 200, headers: Any = None) -> web.Response:
    """A JSON response; models are dumped in JSON mode."""
    if isinstance(body, BaseModel):
        body = body.model_dump(mode="json")
    return web.Response(
        body=orjson.dumps(body),
        status=status,
        content_type="application/json",
        headers=headers,
    )


def error_response(
    status: int, code: str, message: str, field: str | None = None, headers: Any = None
) -> web.Response:
    """An error in the contract's shape; ``field`` only where one is named."""
    error = {"code": code, "message": message}
    if field is not None:
        error["field"] = field
    return json_response({"error": error}, status, headers)


async def read_json(request: web.Request, model: type[Model]) -> Model:
    """The checked body of a request.

    Raises:
        RequestError: 400 for what is no JSON object in UTF-8, 422 for wrong fields.
        web.HTTPRequestEntityTooLarge: the body is over the bound.
    """
    try:
        raw = await request.read()
    except (web.RequestPayloadError, aiohttp.ClientPayloadError, ConnectionError):
        raise RequestError(400, "bad_body", "请求内容无法读取") from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(400, "not_utf8", "请求内容不是 UTF-8 编码的文本") from None
    try:
        body = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError):
        raise RequestError(400, "not_json", "请求内容不是合法的 JSON") from None
    if not isinstance(body, dict):
        raise RequestError(400, "not_object", "请求内容应为一个 JSON 对象")
    return _checked(model, body)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("repeated key")
    return table


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The checked query parameters of a request.

    Raises:
        RequestError: 400 for bytes that are no UTF-8, 422 for wrong values.
    """
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if "\ufffd" in value or any(0xD800 <= ord(c) < 0xE000 for c in value):
            raise RequestError(400, "not_utf8", "查询参数不是 UTF-8 编码的文本", name)
        if name in values:
            raise RequestError(422, "repeated", "查询参数重复", name)
        values[name] = value
    return _checked(model, values)


def _checked(model: type[Model], values: dict[str, Any]) -> Model:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=True)[0]
        place = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function"))
        raise RequestError(
            422, _CODES.get(first["type"], "invalid"), _said(first), place or None
        ) from None


_CODES = {"missing": "missing", "extra_forbidden": "unknown_field"}
_SAID = {
    "missing": "缺少此项",
    "extra_forbidden": "未知的字段",
    "string_type": "应为文本",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "date_from_datetime_parsing": "应为 YYYY-MM-DD 形式的日期",
    "date_parsing": "应为 YYYY-MM-DD 形式的日期",
    "dict_type": "应为键值对照",
}


def _said(error: Any) -> str:
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    return _SAID.get(error["type"], "值不合要求")


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure becomes the contract's error; the log gets the cause, never the body."""
    try:
        return await handler(request)
    except RequestError as error:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return error_response(error.status, error.code, error.message, error.field, headers)
    except NotFoundError as error:
        return error_response(404, "not_found", str(error))
    except ConflictError as error:
        return error_response(409, "conflict", str(error))
    except OverloadedError as error:
        return error_response(429, "too_many", str(error), headers={"Retry-After": "3"})
    except RasaUnavailableError as error:
        log.warning("request_unanswered", path=_route(request), cause=str(error))
        return error_response(503, "away", "系统正在恢复，请稍后再试", headers={"Retry-After": "5"})
    except StorageError as error:
        log.error("storage_failed", path=_route(request), cause=str(error))
        return error_response(
            503, "away", "数据库暂时不可用，请稍后再试", headers={"Retry-After": "5"}
        )
    except web.HTTPException as error:
        if error.status < 400:
            raise
        code, message = _HTTP.get(error.status, ("http_error", "请求无法处理"))
        headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return error_response(error.status, code, message, headers=headers)
    except Exception as error:
        log.error("request_failed", path=_route(request), exc_info=error)
        return error_response(500, "internal", "系统内部出错，已记录")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "-"


_HTTP = {
    400: ("bad_request", "请求格式有误"),
    404: ("not_found", "没有这个地址"),
    405: ("method_not_allowed", "这个地址不支持该方法"),
    413: ("too_large", "请求内容太大"),
    415: ("unsupported_media_type", "不支持这种内容类型"),
}
