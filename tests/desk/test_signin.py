"""Signing in, and what people try instead."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from bot.desk import totp
from tests.desk.conftest import PASSWORD, Browser, House, OpenBrowser, SignInAs

WRONG = {"name": "wang", "password": "not the password"}
RIGHT = {"name": "wang", "password": PASSWORD}


async def audited(house: House) -> list[tuple[str, str]]:
    async with house.database.session() as session:
        rows = await session.execute(text("SELECT who, what FROM audit ORDER BY at, id"))
        return [(row.who, row.what) for row in rows]


async def test_an_operator_comes_in_with_a_password(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    await sign_in_as("wang")
    browser = open_browser()
    assert (await browser.get("/me", 401))["code"] == "not_signed_in"
    assert await browser.post("/sign-in", {"name": " WANG ", "password": PASSWORD}) == {
        "stage": "open"
    }
    me = await browser.get("/me")
    assert (me["name"], me["display"], me["role"]) == ("wang", "小王", "operator")
    assert ("wang", "signed_in") in await audited(house)


async def test_a_supervisor_needs_a_code(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    await sign_in_as("chief", "supervisor")
    browser = open_browser()
    stage = await browser.post("/sign-in", {"name": "chief", "password": PASSWORD})
    assert stage == {"stage": "code"}
    assert (await browser.get("/me", 401))["code"] == "code_needed"
    assert (await browser.get("/tickets", 401))["code"] == "code_needed"
    house.clock.pass_by(seconds=60)
    step = int(house.clock().timestamp() // totp.STEP)
    code = totp.code_at(house.secrets["chief"], step)
    half_way = browser.cookie
    assert (await browser.post("/code", {"code": code})) == {"stage": "open"}
    assert browser.cookie != half_way
    # The same code counts once, whoever overheard it.
    other = open_browser()
    await other.post("/sign-in", {"name": "chief", "password": PASSWORD})
    assert (await other.post("/code", {"code": code}, 401))["code"] == "wrong_code"
    assert (await browser.post("/code", {"code": code}, 409))["code"] == "no_code_needed"


async def test_the_second_factor_is_set_up_once(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    browser = await sign_in_as("chief", "supervisor")
    assert (await browser.get("/enrolment", 409))["code"] == "no_enrolment"
    user = await house.users.by_name("chief")
    assert user.totp == house.secrets["chief"]


async def test_a_cookie_is_out_of_reach_of_scripts_and_other_sites(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    await sign_in_as("wang")
    browser = open_browser()
    headers = {"X-Wence-Desk": "1", "Origin": house.address}
    url = f"{house.address}/desk/api/sign-in"
    async with browser.session.post(url, json=RIGHT, headers=headers) as response:
        cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/desk" in cookie
    assert "Secure" not in cookie
    headers["X-Forwarded-Proto"] = "https"
    async with browser.session.post(url, json=RIGHT, headers=headers) as response:
        assert "Secure" in response.headers["Set-Cookie"]


async def test_nothing_in_the_database_opens_a_session(house: House, sign_in_as: SignInAs) -> None:
    browser = await sign_in_as("wang")
    async with house.database.session() as session:
        stored = (await session.execute(text("SELECT id FROM desk_sessions"))).scalars().all()
        hashed = (await session.execute(text("SELECT password FROM desk_users"))).scalar_one()
    assert browser.cookie is not None and browser.cookie not in stored
    assert hashed.startswith("$argon2id$") and PASSWORD not in hashed


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Wence-Desk": "1"},
        {"Origin": "SAME"},
        {"X-Wence-Desk": "1", "Origin": "https://evil.example"},
        {"X-Wence-Desk": "1", "Origin": "null"},
        {"X-Wence-Desk": "1", "Origin": "http://127.0.0.1:1"},
        {"X-Wence-Desk": "2", "Origin": "SAME"},
    ],
)
async def test_requests_of_other_sites_are_refused(
    house: House, sign_in_as: SignInAs, headers: dict[str, str]
) -> None:
    browser = await sign_in_as("wang")
    headers = {name: house.address if v == "SAME" else v for name, v in headers.items()}
    for path, body in (
        ("sign-in", RIGHT),
        ("sign-out", None),
        ("tickets", {"topic": "x"}),
        ("search", {"q": "x"}),
        ("free", {"free": True}),
    ):
        url = f"{house.address}/desk/api/{path}"
        async with browser.session.post(url, json=body, headers=headers) as response:
            assert response.status == 403, path
            assert (await response.json())["error"]["code"] == "foreign_origin"
    assert (await browser.get("/tickets"))["items"] == []


async def test_failures_lock_the_name_for_ever_longer(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    await sign_in_as("wang")
    browser = open_browser()
    for _ in range(5):
        assert (await browser.post("/sign-in", WRONG, 401))["code"] == "wrong_sign_in"
    # Now even the right password has to wait.
    assert (await browser.post("/sign-in", RIGHT, 429))["code"] == "locked"
    house.clock.pass_by(seconds=31)
    await browser.post("/sign-in", WRONG, 401)
    house.clock.pass_by(seconds=31)
    assert (await browser.post("/sign-in", RIGHT, 429))["code"] == "locked"
    house.clock.pass_by(seconds=30)
    assert (await browser.post("/sign-in", RIGHT))["stage"] == "open"
    # A success wipes the slate.
    await browser.post("/sign-in", WRONG, 401)
    await browser.post("/sign-in", RIGHT)
    assert ("wang", "sign_in_failed") in await audited(house)


async def test_wrong_codes_lock_too_and_end_the_half_open_session(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    await sign_in_as("chief", "supervisor")
    browser = open_browser()
    await browser.post("/sign-in", {"name": "chief", "password": PASSWORD})
    step = int(house.clock().timestamp() // totp.STEP)
    near = {totp.code_at(house.secrets["chief"], step + away) for away in (-1, 0, 1)}
    wrong = next(code for code in ("000000", "000001", "000002", "000003") if code not in near)
    for _ in range(5):
        await browser.post("/code", {"code": wrong}, 401)
    assert (await browser.post("/code", {"code": wrong}, 401))["code"] == "not_signed_in"
    body = {"name": "chief", "password": PASSWORD}
    assert (await browser.post("/sign-in", body, 429))["code"] == "locked"


async def test_an_unknown_name_is_told_and_locked_like_a_known_one(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    await sign_in_as("wang")
    browser = open_browser()
    told: dict[str, list[Any]] = {}
    for name in ("wang", "nobody", "x" * 200):
        wrong = {"name": name, "password": "not the password"}
        told[name] = [await browser.post("/sign-in", wrong, 401) for _ in range(5)]
        told[name].append(await browser.post("/sign-in", wrong, 429))
    assert told["wang"] == told["nobody"] == told["x" * 200]
    # What was typed as a name may be a password: it is kept nowhere in the log.
    assert {who for who, _ in await audited(house)} <= {"wang", "-"}


async def test_a_password_is_compared_even_where_there_is_no_user(
    house: House, sign_in_as: SignInAs, monkeypatch: pytest.MonkeyPatch, open_browser: OpenBrowser
) -> None:
    await sign_in_as("wang")
    await house.users.add("idle", "无密码", "operator", house.clock())
    passwords = house.desk._sign_in._passwords
    verified: list[str] = []
    verify = passwords._verify

    def count(hashed: str, password: str) -> bool:
        verified.append(hashed)
        return verify(hashed, password)

    monkeypatch.setattr(passwords, "_verify", count)
    browser = open_browser()
    for name in ("wang", "nobody", "idle"):
        await browser.post("/sign-in", {"name": name, "password": "not the password"}, 401)
    # One full comparison each, at the same cost.
    assert len(verified) == 3
    assert len({hashed.rsplit("$", 2)[0] for hashed in verified}) == 1
    nobody = {"name": "nobody", "password": "nobody signs in with this"}
    await browser.post("/sign-in", nobody, 401)


async def test_a_session_brought_along_is_never_taken_over(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    """Fixation: whoever planted a cookie before the sign-in holds nothing after it."""
    await sign_in_as("wang")
    planted = await sign_in_as("li")
    victim = open_browser()
    victim.plant(planted.cookie)
    await victim.post("/sign-in", RIGHT)
    assert victim.cookie != planted.cookie
    assert (await victim.get("/me"))["name"] == "wang"
    await planted.get("/me", 401)


async def test_sessions_end(house: House, sign_in_as: SignInAs) -> None:
    browser = await sign_in_as("wang")
    house.clock.pass_by(hours=1, minutes=59)
    await browser.get("/me")
    # Looking at the page keeps nobody signed in; doing something does.
    house.clock.pass_by(minutes=2)
    await browser.get("/me", 401)
    browser = await sign_in_as("li")
    for _ in range(11):
        house.clock.pass_by(hours=1)
        await browser.post("/free", {"free": True})
    house.clock.pass_by(hours=1)
    await browser.get("/me", 401)


async def test_signing_out(house: House, sign_in_as: SignInAs) -> None:
    browser = await sign_in_as("wang")
    before = browser.cookie
    await browser.post("/sign-out")
    assert browser.cookie in (None, "")
    browser.plant(before)
    await browser.get("/me", 401)


async def test_a_link_sets_a_password_once(house: House, open_browser: OpenBrowser) -> None:
    user = await house.users.add("wang", "小王", "operator", house.clock())
    token = await house.desk._sign_in.make_link(user, "-")
    body = {"link": token, "password": PASSWORD}
    one, other = open_browser(), open_browser()

    async def use(browser: Browser) -> int:
        headers = {"X-Wence-Desk": "1", "Origin": house.address}
        url = f"{house.address}/desk/api/password"
        async with browser.session.post(url, json=body, headers=headers) as response:
            return response.status

    assert sorted(await asyncio.gather(use(one), use(other))) == [200, 409]
    late = await house.desk._sign_in.make_link(user, "-")
    house.clock.pass_by(hours=25)
    error = await open_browser().post("/password", {"link": late, "password": PASSWORD}, 409)
    assert error["code"] == "link_spent"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "x" * 201])
async def test_passwords_that_are_too_easy(
    house: House, open_browser: OpenBrowser, password: str
) -> None:
    user = await house.users.add("wang", "小王", "operator", house.clock())
    token = await house.desk._sign_in.make_link(user, "-")
    body = {"link": token, "password": password}
    assert (await open_browser().post("/password", body, 422))["code"] == "weak_password"
    # The link is not spent by that.
    body["password"] = PASSWORD
    await open_browser().post("/password", body)


async def test_the_first_start_gives_a_link_until_somebody_has_a_password(
    house: House, open_browser: OpenBrowser
) -> None:
    path = await house.desk.first_link()
    again = await house.desk.first_link()
    assert path is not None and again is not None and path != again
    assert again.startswith("/desk/#/password/")
    old, token = path.rpartition("/")[2], again.rpartition("/")[2]
    browser = open_browser()
    await browser.post("/password", {"link": old, "password": PASSWORD}, 409)
    stage = await browser.post("/password", {"link": token, "password": PASSWORD})
    assert stage == {"stage": "enrol"}
    assert await house.desk.first_link() is None


async def test_roles(house: House, sign_in_as: SignInAs) -> None:
    operator = await sign_in_as("wang")
    editor = await sign_in_as("ed", "editor")
    chief = await sign_in_as("chief", "supervisor")
    root = await sign_in_as("root", "administrator")
    who = {"operator": operator, "editor": editor, "chief": chief, "root": root}
    allowed = {
        "/talks": {"operator", "chief", "root"},
        "/tickets": set(who),
        "/tickets.csv": {"chief", "root"},
        "/figures": {"chief", "root"},
        "/learn": {"editor", "chief", "root"},
        "/audit": {"root"},
    }
    for path, names in allowed.items():
        for name, browser in who.items():
            await browser.get(path, 200 if name in names else 403)


async def test_users_are_administered(
    house: House, sign_in_as: SignInAs, open_browser: OpenBrowser
) -> None:
    root = await sign_in_as("root", "administrator")
    added = await root.post("/users", {"name": "wang", "display": "小王", "role": "operator"})
    token = added["path"].rpartition("/")[2]
    browser = open_browser()
    await browser.post("/password", {"link": token, "password": PASSWORD})
    await root.post("/users", {"name": "wang", "display": "又一个", "role": "operator"}, 409)
    await root.post("/users", {"name": "W W", "display": "x", "role": "operator"}, 422)
    users = {user["name"]: user for user in (await root.get("/users"))["items"]}
    assert users["wang"]["has_password"] and not users["wang"]["has_code"]
    # Made inactive, out at once.
    await root.post(f"/users/{users['wang']['id']}", {"active": False})
    await browser.get("/me", 401)
    await browser.post("/sign-in", RIGHT, 401)
    error = await root.post(f"/users/{users['root']['id']}", {"role": "operator"}, 409)
    assert error["code"] == "last_administrator"
    log = (await root.get("/audit"))["items"]
    assert {"user_added", "user_changed", "audit_read"} <= {line["what"] for line in log}
    assert PASSWORD not in str(log) and token not in str(log)
