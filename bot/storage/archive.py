"""The file format of a backup: one ``.tar.gz`` that proves itself.

First member ``manifest.json``, which names every other member with its size and
SHA-256; then one JSONL member a table (one JSON object a row) and the settings
file. Nothing in an archive is trusted before all of it was read and compared.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import StorageError

__all__ = [
    "Column",
    "Index",
    "Manifest",
    "Member",
    "TableDump",
    "Unpacked",
    "describe_file",
    "pack",
    "unpack",
]

MANIFEST = "manifest.json"
SETTINGS = "settings/env"
FORMAT = "wence-backup"
VERSION = 1
MAX_MANIFEST = 1 << 20
_CHUNK = 1 << 20
_READ_FAULTS = (
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Model):
    """A column in words that every database understands."""

    name: str
    kind: Literal[
        "integer", "bigint", "float", "numeric", "text", "boolean", "datetime", "date", "json",
        "binary",
    ]  # fmt: skip
    length: int | None = None
    nullable: bool = True
    primary_key: bool = False


class Index(_Model):
    """An index of a table."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


class TableDump(_Model):
    """One table: where it belongs, how it is built, how many rows were written."""

    store: Literal["wence", "tracker"]
    name: str = Field(pattern=r"^[a-z_]{1,63}$")
    rows: int = Field(ge=0)
    columns: tuple[Column, ...] = Field(min_length=1)
    indexes: tuple[Index, ...] = ()

    @property
    def member(self) -> str:
        """The archive's member that holds the rows."""
        return f"{self.store}/{self.name}.jsonl"


class Member(_Model):
    """A file in the archive."""

    name: str
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Manifest(_Model):
    """What an archive holds.

    Attributes:
        made_at: when, as the caller of the backup says.
        revision: the Alembic revision that our tables were at.
        tracker: ``included``; ``absent`` where Rasa had made none yet; ``left_out``
            where the backup was not asked for it.
    """

    format: Literal["wence-backup"] = "wence-backup"
    version: Literal[1] = 1
    made_at: AwareDatetime
    revision: str
    tracker: Literal["included", "absent", "left_out"]
    tables: tuple[TableDump, ...]
    members: tuple[Member, ...]

    @property
    def rows(self) -> dict[str, int]:
        """Number of rows by table, ``<store>.<table>``."""
        return {f"{table.store}.{table.name}": table.rows for table in self.tables}

    @property
    def has_settings(self) -> bool:
        """Whether the settings file is in it."""
        return any(member.name == SETTINGS for member in self.members)

    @model_validator(mode="after")
    def _members_match_tables(self) -> Manifest:
        names = [member.name for member in self.members]
        expected = [table.member for table in self.tables]
        if len(set(names)) != len(names) or set(names) - {SETTINGS} != set(expected):
            raise ValueError("members and tables do not match")
        if len(set(expected)) != len(expected):
            raise ValueError("a table is named twice")
        return self


@dataclass(frozen=True)
class Unpacked:
    """A verified archive; ``files`` maps a member's name to its copy on disk."""

    manifest: Manifest
    files: Mapping[str, Path]


def describe_file(name: str, path: Path) -> Member:
    """Size and hash of a file that will be the member ``name``."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(name=name, size=path.stat().st_size, sha256=digest)


def pack(manifest: Manifest, files: Mapping[str, Path], target: Path) -> None:
    """Write the archive to ``target``, which must not exist yet (mode 0600, synced to disk)."""
    content = orjson.dumps(manifest.model_dump(mode="json"), option=orjson.OPT_INDENT_2)
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    mtime = int(manifest.made_at.timestamp())
    with open(descriptor, "wb") as raw:
        with (
            gzip.GzipFile("", "wb", 6, raw, mtime) as zipped,
            tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            _add(tar, MANIFEST, len(content), mtime, BytesIO(content))
            for member in manifest.members:
                with files[member.name].open("rb") as file:
                    _add(tar, member.name, member.size, mtime, file)
        raw.flush()
        os.fsync(raw.fileno())


def unpack(archive: Path, folder: Path) -> Unpacked:
    """Copy an archive's members into ``folder`` and verify each.

    The copies get names of ours: a member's own name is compared with the
    manifest and never becomes a path.

    Raises:
        StorageError: the archive is damaged, incomplete or not ours; says what is wrong.
    """
    with _readable(archive) as zipped, tarfile.open(fileobj=zipped, mode="r|") as tar:
        manifest = _read_manifest(tar)
        expected = {member.name: member for member in manifest.members}
        files: dict[str, Path] = {}
        while (info := tar.next()) is not None:
            member = expected.get(info.name)
            if member is None or info.name in files:
                raise StorageError(f"备份文件里有不该有的内容：{info.name[:80]!r}")
            if info.type != tarfile.REGTYPE or info.issparse():
                raise StorageError(f"备份文件里的 {member.name} 不是普通文件")
            if info.size != member.size:
                raise StorageError(f"备份文件里的 {member.name} 与清单的大小不符")
            files[member.name] = folder / f"member-{len(files)}"
            _copy(tar, info, member, files[member.name])
        missing = sorted(expected.keys() - files.keys())
        if missing:
            raise StorageError(f"备份文件不完整：缺少 {'、'.join(missing)}")
        # To the very end, where gzip keeps its own checksum.
        while rest := zipped.read(_CHUNK):
            if rest.strip(b"\0"):
                raise StorageError("备份文件末尾有多余的内容")
    return Unpacked(manifest, files)


@contextmanager
def _readable(archive: Path) -> Iterator[gzip.GzipFile]:
    try:
        with gzip.open(archive, "rb") as zipped:
            yield zipped
    except StorageError:
        raise
    except _READ_FAULTS as error:
        raise StorageError(f"备份文件 {archive.name} 已损坏、不完整或不是备份文件") from error
    except OSError as error:
        raise StorageError(f"备份文件 {archive.name} 无法读取：{error.strerror}") from error


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    info = tar.next()
    if info is None or info.name != MANIFEST or info.type != tarfile.REGTYPE:
        raise StorageError(f"不是本程序的备份文件：第一项不是 {MANIFEST}")
    if info.size > MAX_MANIFEST:
        raise StorageError(f"备份文件的 {MANIFEST} 过大")
    file = tar.extractfile(info)
    content = file.read() if file is not None else b""
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise StorageError(f"备份文件的 {MANIFEST} 不是 JSON") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise StorageError("不是本程序的备份文件")
    if data.get("version") != VERSION:
        raise StorageError(f"备份文件的格式版本是 {data.get('version')!r}，本程序只认识 {VERSION}")
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        raise StorageError(f"备份文件的 {MANIFEST} 有误") from error


def _copy(tar: tarfile.TarFile, info: tarfile.TarInfo, member: Member, target: Path) -> None:
    source = tar.extractfile(info)
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as copy:
        while source is not None and (chunk := source.read(_CHUNK)):
            size += len(chunk)
            digest.update(chunk)
            copy.write(chunk)
    if size != member.size or digest.hexdigest() != member.sha256:
        raise StorageError(f"备份文件里的 {member.name} 与清单的校验值不符")


def _add(tar: tarfile.TarFile, name: str, size: int, mtime: int, content: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, mtime, 0o600
    tar.addfile(info, content)
