"""bot.storage.backup and restore: there and back, also to the other database."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import stat
import tarfile
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa

from bot.errors import SettingsError, StorageError
from bot.storage.archive import unpack
from bot.storage.backup import Manifest, Restored, backup, restore
from bot.storage.engine import Database, open_database
from bot.storage.migrate import head_revision, upgrade
from bot.storage.profiles import ProfileStore
from bot.storage.turns import TurnStore

MADE_AT = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 8, 0, 0, 123456, tzinfo=UTC)
MakeUrl = Callable[[str], str]
OpenUrl = Callable[[str], Awaitable[Database]]
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass
class Store:
    """One installation: our database, where Rasa's tracker lives, the settings file."""

    database: Database
    url: str
    tracker_url: str
    settings: Path

    @property
    def schema(self) -> str | None:
        return "rasa" if self.database.dialect == "postgresql" else None

    async def backup(self, out: Path) -> Manifest:
        return await backup(
            self.database, self.tracker_url, self.schema, self.settings, out, MADE_AT
        )

    async def restore(self, archive: Path, *, replace: bool = False) -> Restored:
        return await restore(
            self.database, self.tracker_url, self.schema, self.settings, archive, replace=replace
        )

    async def rows(self) -> Rows:
        """All that both databases hold, in comparable form."""
        found: Rows = {}
        tracker = tracker_tables(self.schema)
        async with self.database.session() as session:
            for name, key in (("conversations", "id"), ("profiles", "owner"), ("turns", "id")):
                result = await session.execute(sa.text(f"SELECT * FROM {name} ORDER BY {key}"))
                found[name] = [tuple(map(plain, row)) for row in result]
        if self.schema is None and not Path(self.tracker_url.removeprefix("sqlite:///")).exists():
            return found
        database = await open_database(self.tracker_url, wal=False)
        try:
            async with database.session() as session:
                connection = await session.connection()
                names = await connection.run_sync(
                    lambda sync: sa.inspect(sync).get_table_names(self.schema)
                )
                for table in tracker.sorted_tables:
                    if table.name in names:
                        query = sa.select(table).order_by(*table.primary_key.columns)
                        result = await session.execute(query)
                        found[table.name] = [tuple(map(plain, row)) for row in result]
        finally:
            await database.close()
        return found


def plain(value: Any) -> Any:
    """The value in the form that SQLite and PostgreSQL share."""
    if isinstance(value, datetime):
        value = value if value.tzinfo else value.replace(tzinfo=UTC)
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value[:1] in ("[", "{"):
        return json.loads(value)
    return value


def tracker_tables(schema: str | None) -> sa.MetaData:
    """The tracker as Rasa 3.6 and our turn channel make it."""
    metadata = sa.MetaData(schema=schema)
    sa.Table(
        "events",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sender_id", sa.String(255), nullable=False, index=True),
        sa.Column("type_name", sa.String(255), nullable=False),
        sa.Column("timestamp", sa.Float),
        sa.Column("intent_name", sa.String(255)),
        sa.Column("action_name", sa.String(255)),
        sa.Column("data", sa.Text),
    )
    sa.Table(
        "turn_records",
        metadata,
        sa.Column("turn_id", sa.String(128), primary_key=True),
        sa.Column("sender_id", sa.String(255), nullable=False, index=True),
        sa.Column("replies", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    return metadata


async def fill(store: Store, turns: int, events: int, mark: str = "") -> None:
    """Put conversations and a tracker in; ``mark`` tells one filling from another."""
    turn_store = TurnStore(store.database)
    for i in range(turns):
        turn_id = f"{mark}t{i}"
        await turn_store.take(
            f"rest:{mark}{i % 3}",
            "rest",
            f"第{i}问：小升规\n有奖励吗？🙂",
            f"m{i}" if i % 2 else None,
            turn_id,
            NOW + timedelta(seconds=i),
            date(2026, 3, 1),
        )
        if i % 3 == 0:
            replies = [{"text": "有。", "custom": {"n": 10**20, "x": 1.5, "y": None}}]
            await turn_store.answer(turn_id, replies, "v1", NOW + timedelta(minutes=i))
        if i % 3 == 1:
            await turn_store.fail(turn_id, "timeout")
    if not events:
        return
    metadata = tracker_tables(store.schema)
    tracker = await open_database(store.tracker_url, wal=False)
    try:
        async with tracker.begin() as session:
            connection = await session.connection()
            if store.schema is not None:
                await connection.execute(sa.schema.CreateSchema(store.schema))
            await connection.run_sync(metadata.create_all)
            prefix = f"{store.schema}." if store.schema else ""
            await connection.execute(
                sa.insert(metadata.tables[f"{prefix}events"]),
                [
                    {
                        "sender_id": f"rest:{mark}{i % 3}",
                        "type_name": "user",
                        "timestamp": 1772352000.123456 + i,
                        "data": json.dumps({"text": "问\x00题", "n": i}),
                    }
                    for i in range(events)
                ],
            )
            await connection.execute(
                sa.insert(metadata.tables[f"{prefix}turn_records"]),
                {
                    "turn_id": f"{mark}t0",
                    "sender_id": "rest:0",
                    "replies": "{}",
                    "created_at": NOW,
                },
            )
    finally:
        await tracker.close()


@pytest_asyncio.fixture
async def make_store(
    make_url: MakeUrl, open_url: OpenUrl, tmp_path: Path
) -> Callable[[str], Awaitable[Store]]:
    """Makes empty installations."""

    homes = count()

    async def make(dialect: str) -> Store:
        url = make_url(dialect)
        tracker_url = url.replace("wence.db", "rasa.db")
        settings = tmp_path / f"home-{next(homes)}" / ".env"
        database = await open_url(url)
        await upgrade(database)
        return Store(database, url, tracker_url, settings)

    return make


MakeStore = Callable[[str], Awaitable[Store]]
DIALECTS = ["sqlite", "postgresql"]


@pytest_asyncio.fixture(params=DIALECTS)
async def store(request: pytest.FixtureRequest, make_store: MakeStore) -> Store:
    """An empty installation, once on each database."""
    return await make_store(request.param)


@pytest.mark.parametrize("source_dialect", DIALECTS)
async def test_there_and_back(
    store: Store, source_dialect: str, make_store: MakeStore, tmp_path: Path
) -> None:
    source = await make_store(source_dialect)
    await fill(source, turns=20, events=1203)
    profiles = ProfileStore(source.database)
    await profiles.put("rest:0", {"revenue": 32_000_000, "city": "太原", "exporter": False}, NOW)
    await profiles.put("rest:1", {"layoff_rate": 0.015}, NOW)
    source.settings.parent.mkdir()
    source.settings.write_bytes(b"WENCE_PORT=8081\n# \xe9\n")
    archive = tmp_path / "out" / "backup.tar.gz"
    manifest = await source.backup(archive)
    assert not {"wence.tokens", "wence.leases"} & set(manifest.rows)
    assert {name: rows for name, rows in manifest.rows.items() if rows} == {
        "wence.conversations": 3,
        "wence.profiles": 2,
        "wence.turns": 20,
        "tracker.events": 1203,
        "tracker.turn_records": 1,
    }
    assert manifest.made_at == MADE_AT
    assert manifest.revision == await head_revision()

    restored = await store.restore(archive)
    assert restored.manifest == manifest
    assert restored.settings == store.settings
    assert store.settings.read_bytes() == source.settings.read_bytes()
    assert await store.rows() == await source.rows()

    # All of it goes on working: numbers continue, constraints hold.
    turns = TurnStore(store.database)
    taken = await turns.take("rest:0", "rest", "还有吗", None, "next", NOW)
    assert taken.turn.seq == 8
    tracker = await open_database(store.tracker_url, wal=False)
    prefix = f"{store.schema}." if store.schema else ""
    async with tracker.begin() as session:
        await session.execute(
            sa.text(f"INSERT INTO {prefix}events (sender_id, type_name) VALUES ('a', 'b')")
        )
        newest = await session.scalar(sa.text(f"SELECT max(id) FROM {prefix}events"))
        connection = await session.connection()
        indexes = await connection.run_sync(
            lambda sync: sa.inspect(sync).get_indexes("events", schema=store.schema)
        )
    await tracker.close()
    assert newest == 1204
    assert [index["column_names"] for index in indexes] == [["sender_id"]]


async def test_the_archive(store: Store, tmp_path: Path) -> None:
    await fill(store, turns=4, events=2)
    archive = tmp_path / "backup.tar.gz"
    manifest = await store.backup(archive)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.glob("*backup*")] == ["backup.tar.gz"]
    contents = read_members(archive)
    assert list(contents) == ["manifest.json", *(member.name for member in manifest.members)]
    for member in manifest.members:
        content = contents[member.name]
        assert (member.size, member.sha256) == (len(content), sha256(content).hexdigest())
    assert Manifest.model_validate_json(contents["manifest.json"]) == manifest
    first = json.loads(contents["wence/turns.jsonl"].splitlines()[0])
    assert (first["id"], first["as_of"], first["state"]) == ("t0", "2026-03-01", "answered")
    assert datetime.fromisoformat(first["received_at"]) == NOW


async def test_a_second_backup_replaces_the_first(store: Store, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar.gz"
    archive.write_text("old")
    manifest = await store.backup(archive)
    assert "wence.turns" in manifest.rows
    assert set(manifest.rows.values()) == {0}
    assert read_members(archive)["wence/turns.jsonl"] == b""


async def test_a_tracker_that_does_not_exist(
    store: Store, make_store: MakeStore, tmp_path: Path
) -> None:
    await fill(store, turns=2, events=0)
    manifest = await store.backup(tmp_path / "b.tar.gz")
    assert manifest.tracker == "absent"
    target = await make_store(store.database.dialect)
    await target.restore(tmp_path / "b.tar.gz")
    assert await target.rows() == await store.rows()
    for each in (store, target):
        assert not Path(each.tracker_url.removeprefix("sqlite:///")).exists()


async def test_an_absent_tracker_empties_the_one_it_replaces(
    store: Store, make_store: MakeStore, tmp_path: Path
) -> None:
    empty = await make_store(store.database.dialect)
    await empty.backup(tmp_path / "b.tar.gz")
    await fill(store, turns=2, events=2)
    await store.restore(tmp_path / "b.tar.gz", replace=True)
    rows = await store.rows()
    assert not any(rows.values())
    assert set(rows) == {"conversations", "profiles", "turns", "events", "turn_records"}


async def test_a_tracker_that_was_left_out_is_not_touched(store: Store, tmp_path: Path) -> None:
    await fill(store, turns=2, events=2)
    before = await store.rows()
    manifest = await backup(store.database, None, None, None, tmp_path / "b.tar.gz", MADE_AT)
    assert (manifest.tracker, manifest.has_settings) == ("left_out", False)
    await TurnStore(store.database).delete_conversation("rest:0")
    restored = await store.restore(tmp_path / "b.tar.gz", replace=True)
    assert restored.settings is None
    assert await store.rows() == before


async def test_a_database_never_used(make_url: MakeUrl, open_url: OpenUrl, tmp_path: Path) -> None:
    for dialect in DIALECTS:
        database = await open_url(make_url(dialect))
        archive = tmp_path / f"{dialect}.tar.gz"
        manifest = await backup(database, None, None, None, archive, MADE_AT)
        assert manifest.rows == {}
        await restore(database, None, None, None, archive)
        assert (await TurnStore(database).counts()).conversations == 0


async def test_the_dump_is_of_one_moment(store: Store, tmp_path: Path) -> None:
    """While turns are taken all the time, no dump tears a turn from its conversation."""
    turns = TurnStore(store.database)
    await fill(store, turns=30, events=0)
    done = asyncio.Event()

    async def keep_busy() -> int:
        taken = 0
        while not done.is_set():
            await turns.take(f"new:{taken}", "new", "问", None, f"new{taken}", NOW)
            taken += 1
        return taken

    busy = asyncio.create_task(keep_busy())
    archive = tmp_path / "b.tar.gz"
    await store.backup(archive)
    done.set()
    assert await busy > 0
    contents = read_members(archive)
    found = {
        name: [json.loads(line) for line in contents[f"wence/{name}.jsonl"].splitlines()]
        for name in ("conversations", "turns")
    }
    last_seq = {row["id"]: 0 for row in found["conversations"]}
    for row in found["turns"]:
        last_seq[row["conversation_id"]] = max(last_seq[row["conversation_id"]], row["seq"])
    assert {row["id"]: row["next_seq"] - 1 for row in found["conversations"]} == last_seq


async def test_data_is_only_replaced_when_told_to(store: Store, tmp_path: Path) -> None:
    await fill(store, turns=3, events=3)
    archive = tmp_path / "b.tar.gz"
    await store.backup(archive)
    saved = await store.rows()
    await TurnStore(store.database).take("rest:new", "rest", "新", None, "new", NOW)
    changed = await store.rows()
    with pytest.raises(StorageError, match="已有数据"):
        await store.restore(archive)
    assert await store.rows() == changed
    await store.restore(archive, replace=True)
    assert await store.rows() == saved


async def test_a_tracker_with_data_is_only_replaced_when_told_to(
    store: Store, make_store: MakeStore, tmp_path: Path
) -> None:
    source = await make_store("sqlite")
    await fill(source, turns=3, events=3)
    await source.backup(tmp_path / "b.tar.gz")
    await fill(store, turns=0, events=1)
    before = await store.rows()
    with pytest.raises(StorageError, match="已有数据"):
        await store.restore(tmp_path / "b.tar.gz")
    assert await store.rows() == before


async def test_settings_never_overwrite_settings(store: Store, tmp_path: Path) -> None:
    store.settings.parent.mkdir()
    store.settings.write_text("WENCE_PORT=1\n")
    await store.backup(tmp_path / "b.tar.gz")
    store.settings.write_text("WENCE_PORT=2\n")
    restored = await store.restore(tmp_path / "b.tar.gz")
    beside = store.settings.with_name(".env.restored")
    assert restored.settings == beside
    assert store.settings.read_text() == "WENCE_PORT=2\n"
    assert beside.read_text() == "WENCE_PORT=1\n"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600


def read_members(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def write_members(archive: Path, members: list[tuple[str | tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def forge(archive: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> None:
    """Change manifest and members, then make sizes and hashes right again."""
    contents = read_members(archive)
    manifest = json.loads(contents.pop("manifest.json"))
    change(manifest, contents)
    for member in manifest["members"]:
        if (content := contents.get(member["name"])) is not None:
            member |= {"size": len(content), "sha256": sha256(content).hexdigest()}
    content = json.dumps(manifest).encode()
    write_members(archive, [("manifest.json", content), *contents.items()])


Change = Callable[[dict[str, Any], dict[str, bytes]], None]


def edit_last(name: str, **values: Any) -> Change:
    """Change the last row of a member: what comes before it is written first."""

    def change(_manifest: dict[str, Any], contents: dict[str, bytes]) -> None:
        *rows, last = contents[name].splitlines()
        rows.append(json.dumps(json.loads(last) | values).encode())
        contents[name] = b"\n".join(rows) + b"\n"

    return change


def lose_last(manifest: dict[str, Any], contents: dict[str, bytes]) -> None:
    contents["wence/turns.jsonl"] = b"\n".join(contents["wence/turns.jsonl"].splitlines()[:-1])


def not_json(manifest: dict[str, Any], contents: dict[str, bytes]) -> None:
    contents["tracker/events.jsonl"] += b"{"


def unknown_table(manifest: dict[str, Any], contents: dict[str, bytes]) -> None:
    (place,) = (n for n, t in enumerate(manifest["tables"]) if t["name"] == "conversations")
    manifest["tables"][place]["name"] = "alembic_version"
    manifest["members"][place]["name"] = "wence/alembic_version.jsonl"
    contents["wence/alembic_version.jsonl"] = contents.pop("wence/conversations.jsonl")


def unknown_column(store: str, name: str) -> Change:
    def change(manifest: dict[str, Any], contents: dict[str, bytes]) -> None:
        for table in manifest["tables"]:
            if (table["store"], table["name"]) == (store, name):
                table["columns"].append({"name": "stray", "kind": "integer"})

    return change


def newer(manifest: dict[str, Any], contents: dict[str, bytes]) -> None:
    manifest["revision"] = "9999"


FORGERIES: dict[str, tuple[Change, str]] = {
    "a row our table refuses": (edit_last("wence/turns.jsonl", state="lost"), "turns"),
    "a row without its conversation": (
        edit_last("wence/turns.jsonl", conversation_id="0" * 36),
        "turns",
    ),
    "a row the tracker refuses": (edit_last("tracker/events.jsonl", sender_id=None), "events"),
    "a row with another column": (edit_last("tracker/events.jsonl", stray=1), "events"),
    "a number where text belongs": (edit_last("tracker/events.jsonl", data=1), "events"),
    "an instant that is none": (edit_last("wence/turns.jsonl", received_at="gestern"), "turns"),
    "a row too few": (lose_last, "turns"),
    "a line that is no JSON": (not_json, "events"),
    "a column the tracker does not have": (unknown_column("tracker", "events"), "stray"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_fault_while_writing_leaves_the_old_data(
    store: Store, make_store: MakeStore, forgery: str, tmp_path: Path
) -> None:
    source = await make_store("sqlite")
    await fill(source, turns=5, events=5, mark="new")
    archive = tmp_path / "b.tar.gz"
    await source.backup(archive)
    change, named = FORGERIES[forgery]
    forge(archive, change)
    await fill(store, turns=4, events=4, mark="old")
    before = await store.rows()
    with pytest.raises(StorageError, match=named):
        await store.restore(archive, replace=True)
    assert await store.rows() == before
    assert not store.settings.exists()


async def test_a_fault_leaves_no_half_made_tracker(
    store: Store, make_store: MakeStore, tmp_path: Path
) -> None:
    source = await make_store("sqlite")
    await fill(source, turns=5, events=5)
    archive = tmp_path / "b.tar.gz"
    await source.backup(archive)
    forge(archive, edit_last("tracker/events.jsonl", sender_id=None))
    with pytest.raises(StorageError, match="events"):
        await store.restore(archive)
    assert await store.rows() == {"conversations": [], "profiles": [], "turns": []}
    assert not Path(store.tracker_url.removeprefix("sqlite:///")).exists()


@pytest_asyncio.fixture
async def archive(make_store: MakeStore, tmp_path: Path) -> Path:
    """A good archive with something of everything in it."""
    source = await make_store("sqlite")
    await fill(source, turns=5, events=5)
    source.settings.parent.mkdir()
    source.settings.write_text("WENCE_PORT=1\n")
    await source.backup(tmp_path / "b.tar.gz")
    return tmp_path / "b.tar.gz"


async def refused(make_store: MakeStore, archive: Path, named: str) -> None:
    """The archive is refused with a sentence, and nothing is written."""
    target = await make_store("sqlite")
    await fill(target, turns=2, events=2, mark="old")
    before = await target.rows()
    with pytest.raises(StorageError, match=named) as caught:
        await target.restore(archive, replace=True)
    assert "\n" not in str(caught.value)
    assert await target.rows() == before
    assert not target.settings.exists()
    assert {p.name for p in Path(target.url.removeprefix("sqlite:///")).parent.iterdir()} <= {
        "wence.db",
        "wence.db-wal",
        "wence.db-shm",
        "rasa.db",
    }


@pytest.mark.parametrize("kept", [0, 1, 9, 100, -300, -20, -8, -1])
async def test_a_truncated_archive(make_store: MakeStore, archive: Path, kept: int) -> None:
    archive.write_bytes(archive.read_bytes()[:kept])
    await refused(make_store, archive, "备份")


async def test_every_damaged_byte_is_noticed(archive: Path, tmp_path: Path) -> None:
    """But for the gzip header's time, flags and system, which carry nothing of ours.

    Deflate can say one thing in two ways (a run of zeros copied from one or from ten
    bytes before), so now and then a changed byte changes nothing; that is no damage.
    """
    good = archive.read_bytes()
    whole = gzip.decompress(good)
    places = sorted({0, 1, 2, *range(10, len(good), 41), *range(len(good) - 8, len(good))})
    noticed = 0
    for place in places:
        bad = bytearray(good)
        bad[place] ^= 0x10
        if says_the_same(bytes(bad), whole):
            continue
        archive.write_bytes(bad)
        folder = tmp_path / f"out-{place}"
        folder.mkdir()
        with pytest.raises(StorageError):
            unpack(archive, folder)
        noticed += 1
    assert noticed >= len(places) * 0.8


def says_the_same(packed: bytes, whole: bytes) -> bool:
    """Whether the gzip file still unpacks, checksum and length right, to ``whole``."""
    try:
        return gzip.decompress(packed) == whole
    except (OSError, EOFError, zlib.error):
        return False


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", gzip.compress(b""), gzip.compress(b"hello" * 1000), b"PK\x03\x04" * 200],
    ids=["nothing", "text", "empty gzip", "gzip of text", "zip"],
)
async def test_what_is_no_archive(make_store: MakeStore, archive: Path, content: bytes) -> None:
    archive.write_bytes(content)
    await refused(make_store, archive, "备份")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (unknown_table, "alembic_version"),
        (unknown_column("wence", "turns"), "stray"),
        (newer, "9999"),
    ],
    ids=["table", "column", "revision"],
)
async def test_an_archive_of_another_structure(
    make_store: MakeStore, archive: Path, change: Change, named: str
) -> None:
    forge(archive, change)
    await refused(make_store, archive, named)


async def test_an_archive_that_is_not_there(make_store: MakeStore, tmp_path: Path) -> None:
    await refused(make_store, tmp_path / "nothing.tar.gz", "nothing.tar.gz")


@pytest.mark.parametrize(
    ("manifest", "named"),
    [
        (b"{", "JSON"),
        (b"[]", "不是本程序"),
        (b'{"format": "other"}', "不是本程序"),
        (b'{"format": "wence-backup", "version": 2}', "格式版本"),
        (b'{"format": "wence-backup", "version": 1}', "manifest.json"),
        (b" " * ((1 << 20) + 1), "过大"),
    ],
    ids=["no JSON", "a list", "another format", "another version", "incomplete", "too large"],
)
async def test_foreign_manifests(
    make_store: MakeStore, archive: Path, manifest: bytes, named: str
) -> None:
    write_members(archive, [("manifest.json", manifest)])
    await refused(make_store, archive, named)


async def test_a_member_changed_behind_the_manifest(make_store: MakeStore, archive: Path) -> None:
    contents = read_members(archive)
    contents["wence/turns.jsonl"] = contents["wence/turns.jsonl"].replace(b"t0", b"t9")
    write_members(archive, list(contents.items()))
    await refused(make_store, archive, "wence/turns.jsonl")


async def test_a_member_is_missing(make_store: MakeStore, archive: Path) -> None:
    contents = read_members(archive)
    del contents["wence/turns.jsonl"]
    write_members(archive, list(contents.items()))
    await refused(make_store, archive, "wence/turns.jsonl")


async def test_a_member_given_twice(make_store: MakeStore, archive: Path) -> None:
    contents = read_members(archive)
    twice = [*contents.items(), ("wence/turns.jsonl", b"")]
    write_members(archive, twice)
    await refused(make_store, archive, "wence/turns.jsonl")


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "wence/../../evil", "settings/evil"])
async def test_paths_cannot_be_smuggled_in(
    make_store: MakeStore, archive: Path, name: str, tmp_path: Path
) -> None:
    contents = read_members(archive)
    write_members(archive, [*contents.items(), (name, b"evil")])
    await refused(make_store, archive, "不该有")
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE],
    ids=["symlink", "hard link", "folder"],
)
async def test_links_cannot_be_smuggled_in(
    make_store: MakeStore, archive: Path, kind: bytes
) -> None:
    contents = read_members(archive)
    del contents["settings/env"]
    link = tarfile.TarInfo("settings/env")
    link.type, link.linkname = kind, "/etc/passwd"
    write_members(archive, [*contents.items(), (link, b"")])
    await refused(make_store, archive, "不是普通文件")


async def test_nothing_may_follow_the_archive(make_store: MakeStore, archive: Path) -> None:
    archive.write_bytes(archive.read_bytes() + gzip.compress(b"more"))
    await refused(make_store, archive, "多余")


async def test_a_place_that_cannot_be_written(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="无法写入"):
        await store.backup(tmp_path / "file" / "b.tar.gz")


async def test_a_malformed_tracker_url_names_its_variable(store: Store, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="WENCE_TRACKER_URL"):
        await backup(store.database, "mysql://x", None, None, tmp_path / "b.tar.gz", MADE_AT)
    assert not list(tmp_path.glob("*b.tar.gz*"))
