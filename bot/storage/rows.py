"""Tables and rows in the words of a backup, the same for every database.

A value becomes JSON: instants and dates as ISO 8601, bytes as base64, exact
decimals as text. On the way back the target's column decides how it is read, so
that rows of SQLite fit PostgreSQL and the other way round.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from bot.errors import StorageError
from bot.storage.archive import Column, Index, TableDump
from bot.storage.columns import UtcDateTime

__all__ = ["build_table", "decoder", "describe_columns", "describe_indexes", "encode_row"]

# In order: the first that fits. A Float is a Numeric, a DateTime is no Date to SQLAlchemy.
_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (sa.Boolean, "boolean"),
    (sa.BigInteger, "bigint"),
    (sa.Integer, "integer"),
    (sa.Float, "float"),
    (sa.Numeric, "numeric"),
    (UtcDateTime, "datetime"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
    (sa.JSON, "json"),
    (sa.LargeBinary, "binary"),
    (sa.String, "text"),
)
_TYPES: dict[str, Callable[[], sa.types.TypeEngine[Any]]] = {
    "boolean": sa.Boolean,
    # SQLite numbers rows by itself only where the key is called INTEGER.
    "bigint": lambda: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "integer": sa.Integer,
    "float": sa.Float,
    "numeric": sa.Numeric,
    "datetime": lambda: sa.DateTime(timezone=True),
    "date": sa.Date,
    "json": sa.JSON,
    "binary": sa.LargeBinary,
}


def describe_columns(table: sa.Table) -> tuple[Column, ...]:
    """The table's columns.

    Raises:
        StorageError: a column has a type that a backup cannot express.
    """
    return tuple(
        Column.model_validate(
            {
                "name": column.name,
                "kind": _kind(column),
                "length": getattr(column.type, "length", None),
                "nullable": bool(column.nullable),
                "primary_key": column.primary_key,
            }
        )
        for column in table.columns
    )


def describe_indexes(table: sa.Table) -> tuple[Index, ...]:
    """The table's plain indexes and unique constraints; those over expressions are left out."""
    constraints = [
        Index(
            name=str(constraint.name or f"uq_{table.name}_{number}"),
            columns=tuple(column.name for column in constraint.columns),
            unique=True,
        )
        for number, constraint in enumerate(
            sorted(
                (each for each in table.constraints if isinstance(each, sa.UniqueConstraint)),
                key=lambda each: tuple(column.name for column in each.columns),
            )
        )
    ]
    return tuple(constraints) + tuple(
        Index(
            name=str(index.name),
            columns=tuple(column.name for column in index.columns),
            unique=index.unique,
        )
        for index in sorted(table.indexes, key=lambda index: str(index.name))
        if index.name and len(index.columns) == len(index.expressions)
    )


def build_table(dump: TableDump, metadata: sa.MetaData, schema: str | None) -> sa.Table:
    """A table as the backup describes it, to be made where there is none yet."""
    columns = [
        sa.Column(
            column.name,
            sa.String(column.length) if column.kind == "text" else _TYPES[column.kind](),
            primary_key=column.primary_key,
            nullable=column.nullable and not column.primary_key,
        )
        for column in dump.columns
    ]
    table = sa.Table(dump.name, metadata, *columns, schema=schema)
    for index in dump.indexes:
        sa.Index(index.name, *(table.c[name] for name in index.columns), unique=index.unique)
    return table


def encode_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON can hold it."""
    return {name: _encode(value) for name, value in row.items()}


def decoder(dump: TableDump, table: sa.Table) -> Callable[[Any], dict[str, Any]]:
    """What turns a row of the backup into one that ``table`` takes.

    Raises:
        StorageError: the backup has columns that the table lacks. The decoder
            itself raises it for a row that does not fit.
    """
    names = {column.name for column in dump.columns}
    unknown = sorted(names - set(table.columns.keys()))
    if unknown:
        raise StorageError(f"备份里的表 {dump.name} 有本程序没有的列：{'、'.join(unknown)}")
    readers = {name: _reader(table.c[name]) for name in names}

    def decode(row: Any) -> dict[str, Any]:
        if not isinstance(row, dict) or row.keys() != readers.keys():
            raise StorageError(f"备份里的表 {dump.name} 有一行与列不符")
        try:
            return {
                name: None if value is None else readers[name](value) for name, value in row.items()
            }
        except (ValueError, TypeError, ArithmeticError) as error:
            raise StorageError(f"备份里的表 {dump.name} 有一个值无法读取") from error

    return decode


def _kind(column: sa.Column[Any]) -> str:
    for type_, kind in _KINDS:
        if isinstance(column.type, type_):
            return kind
    raise StorageError(f"列 {column.table.name}.{column.name} 的类型无法备份：{column.type!r}")


def _encode(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, Decimal):
        return str(value)
    return value


def _reader(column: sa.Column[Any]) -> Callable[[Any], Any]:
    kind = _kind(column)
    if kind == "datetime":
        zoned = bool(getattr(column.type, "timezone", False))
        aware = zoned or isinstance(column.type, UtcDateTime)
        return lambda value: _instant(value, aware)
    readers: dict[str, Callable[[Any], Any]] = {
        "json": lambda value: value,
        "text": lambda value: _exactly(str, value),
        "boolean": lambda value: _exactly(bool, value),
        "integer": lambda value: _exactly(int, value),
        "bigint": lambda value: _exactly(int, value),
        "float": float,
        "numeric": Decimal,
        "date": date.fromisoformat,
        "binary": lambda value: base64.b64decode(value, validate=True),
    }
    return readers[kind]


def _exactly(type_: type, value: Any) -> Any:
    # SQLite would take anything in any column.
    if not isinstance(value, type_):
        raise TypeError(f"expected {type_.__name__}")
    return value


def _instant(value: str, aware: bool) -> datetime:
    """A naive time counts as UTC; the target says whether it wants a zone."""
    found = datetime.fromisoformat(value)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found if aware else found.replace(tzinfo=None)
