"""Signing in by an identity provider, and what an attacker or a broken provider sends instead."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from bot.desk import OidcConfig, RoleRules, totp
from bot.knowledge import Knowledge
from bot.storage.engine import Database
from tests.desk.conftest import Browser, Clock, House, OpenBrowser, SignInAs, serve_desk
from tests.desk.identity_provider import CLIENT, CLIENT_SECRET, RSA_KEY, IdentityProvider, Signer
from tests.desk.test_signin import audited

ROLES = RoleRules.parse(
    "groups: wence-admins=administrator, wence-chiefs=supervisor, wence-operators=operator"
)


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider()
    async with TestServer(provider.app()) as server:
        provider.issuer = str(server.make_url("")).rstrip("/")
        yield provider


@pytest_asyncio.fixture
async def house(
    database: Database,
    knowledge: Knowledge,
    clock: Clock,
    built: Path,
    provider: IdentityProvider,
) -> AsyncIterator[House]:
    def configure(address: str) -> OidcConfig:
        provider.redirect = f"{address}/desk/oidc/callback"
        return OidcConfig(
            provider.issuer, CLIENT, CLIENT_SECRET, ROLES, provider.redirect, patience=1.0
        )

    async with serve_desk(database, knowledge, clock, built, configure) as house:
        yield house


async def follow(browser: Browser, url: str) -> str:
    """Where an address leads."""
    async with browser.session.get(url, allow_redirects=False) as response:
        assert response.status in (302, 303), (response.status, await response.text())
        assert url.startswith(browser.address) <= ("no-store" in str(response.headers))
        return response.headers["Location"]


async def start(browser: Browser) -> str:
    return await follow(browser, f"{browser.address}/desk/oidc/start")


async def go_round(browser: Browser) -> str:
    """To the provider and back; the address of the callback, not yet opened."""
    return await follow(browser, await start(browser))


async def enter(browser: Browser) -> str:
    """The whole way; the last word of where it ends."""
    return (await follow(browser, await go_round(browser))).rpartition("/")[2]


async def users(house: House) -> dict[str, Any]:
    return {user.name: user for user in await house.users.all()}


async def test_somebody_new_comes_in(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    browser = open_browser()
    assert await browser.get("/ways") == {"provider": "用单位帐号登录"}
    target = await start(browser)
    asked = dict(parse_qsl(urlsplit(target).query))
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert CLIENT_SECRET not in target
    back = await follow(browser, target)
    assert await follow(browser, back) == "/desk/"
    me = await browser.get("/me")
    assert (me["name"], me["display"], me["role"]) == ("wang", "王小明", "operator")
    assert {("-", "user_added"), ("wang", "vouched_for"), ("wang", "signed_in")} <= set(
        await audited(house)
    )
    # There is no password that could be guessed.
    body = {"name": "wang", "password": "nobody signs in with this"}
    await open_browser().post("/sign-in", body, 401)
    # The next time it is the same user, whatever the provider calls them now.
    provider.person |= {"preferred_username": "wang2", "name": "王大明"}
    again = open_browser()
    assert await enter(again) == ""
    assert (await again.get("/me"))["name"] == "wang"
    assert set(await users(house)) == {"wang"}
    assert provider.asked["/.well-known/openid-configuration"] == provider.asked["/keys"] == 1


async def test_signing_out_ends_the_session(house: House, open_browser: OpenBrowser) -> None:
    browser = open_browser()
    await enter(browser)
    held = browser.cookie
    await browser.post("/sign-out")
    browser.plant(held)
    await browser.get("/me", 401)


@pytest.mark.parametrize("sign", [IdentityProvider.ps256, IdentityProvider.es256])
async def test_other_signatures_that_are_taken(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser, sign: Signer
) -> None:
    provider.sign = sign
    assert await enter(open_browser()) == ""


async def test_a_client_that_authenticates_in_the_form(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    provider.basic = False
    assert await enter(open_browser()) == ""


def unsigned(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", "none", headers={"kid": provider.key_id})


def signed_with_the_public_key(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    """What a library takes that believes the header: the public key as a shared secret."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, form)

    def part(value: Any) -> str:
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    told = f"{part({'alg': 'HS256', 'kid': provider.key_id})}.{part(claims)}"
    return f"{told}.{part(hmac.digest(public, told.encode(), 'sha256'))}"


def signed_by_another(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, other, "RS256", headers={"kid": provider.key_id})


def signed_on_another_curve(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    other = ec.generate_private_key(ec.SECP384R1())
    return jwt.encode(claims, other, "ES384", headers={"kid": "curve"})


def signed_with_sha512(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, RSA_KEY, "RS512", headers={"kid": provider.key_id})


def cut_short(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    return provider.rs256(claims).rpartition(".")[0] + "."


def no_token(provider: IdentityProvider, claims: dict[str, Any]) -> str:
    return "é" * 10


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        signed_with_the_public_key,
        signed_by_another,
        signed_on_another_curve,
        signed_with_sha512,
        cut_short,
        no_token,
    ],
)
async def test_a_signature_that_does_not_hold(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser, sign: Signer
) -> None:
    provider.sign = sign
    browser = open_browser()
    assert await enter(browser) == "invalid"
    await browser.get("/me", 401)
    assert await users(house) == {}


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 7},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT, "another-client"]},  # shared, and nobody says for whom it was made
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
    ],
)
async def test_claims_that_do_not_hold(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser, claims: dict[str, Any]
) -> None:
    provider.tamper = claims
    browser = open_browser()
    assert await enter(browser) == "invalid"
    assert browser.cookie is None
    assert await users(house) == {}
    assert ("-", "sign_in_failed") in await audited(house)


@pytest.mark.parametrize("claims", [{"aud": [CLIENT]}, {"azp": CLIENT}, {"exp": -30}])
async def test_claims_that_hold_all_the_same(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser, claims: dict[str, Any]
) -> None:
    late = {"exp": int(time.time()) - 30}  # a clock that is half a minute behind
    provider.tamper = late if "exp" in claims else claims
    assert await enter(open_browser()) == ""


async def test_keys_that_were_changed_are_fetched_once(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    assert await enter(open_browser()) == ""
    provider.key_id, provider.published = "two", ["two"]
    assert await enter(open_browser()) == ""
    assert provider.asked["/keys"] == 2
    provider.key_id = "nowhere"
    assert await enter(open_browser()) == "invalid"
    assert provider.asked["/keys"] == 3


async def test_a_code_is_good_once(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    browser = open_browser()
    back = await go_round(browser)
    kept = [(c.key, c.value) for c in browser.session.cookie_jar if c.key == "wence_desk_oidc"]
    assert (await follow(browser, back)) == "/desk/"
    # The browser has nothing left to come back with; and even with it the provider says no.
    assert (await follow(browser, back)).endswith("/refused/stale")
    thief = open_browser()
    cookie = {"Cookie": "; ".join(f"{key}={value}" for key, value in kept)}
    async with thief.session.get(back, headers=cookie, allow_redirects=False) as response:
        assert response.headers["Location"].endswith("/refused/refused")
    await thief.get("/me", 401)


async def test_an_answer_that_this_browser_did_not_ask_for(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    """Somebody else's code, brought to a victim, signs nobody in."""
    attacker, victim = open_browser(), open_browser()
    back = await go_round(attacker)
    assert (await follow(victim, back)).endswith("/refused/stale")
    await start(victim)
    assert (await follow(victim, back)).endswith("/refused/stale")
    await victim.get("/me", 401)
    assert provider.asked.get("/token") is None


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "..", "a.9999999999.", "é.1.é"])
async def test_a_cookie_that_is_not_ours(
    house: House, open_browser: OpenBrowser, cookie: str
) -> None:
    browser = open_browser()
    url = f"{house.address}/desk/oidc/callback?code=x&state=y"
    headers = {"Cookie": f"wence_desk_oidc={cookie}"}
    async with browser.session.get(url, headers=headers, allow_redirects=False) as response:
        assert response.headers["Location"] == "/desk/#/refused/stale"


async def test_there_are_ten_minutes(house: House, open_browser: OpenBrowser) -> None:
    browser = open_browser()
    back = await go_round(browser)
    house.clock.pass_by(minutes=10)
    assert (await follow(browser, back)).endswith("/refused/stale")


async def test_the_cookie_is_out_of_reach(house: House, open_browser: OpenBrowser) -> None:
    browser = open_browser()
    url = f"{house.address}/desk/oidc/start"
    async with browser.session.get(url, allow_redirects=False) as response:
        cookie, target = response.headers["Set-Cookie"], response.headers["Location"]
        assert response.headers["Referrer-Policy"] == "no-referrer"
    for word in ("HttpOnly", "SameSite=Lax", "Path=/desk/oidc", "Max-Age=600"):
        assert word in cookie
    asked = dict(parse_qsl(urlsplit(target).query))
    # Whoever reads the address of the provider cannot make the cookie, nor the verifier.
    assert not any(asked[name] in cookie for name in ("state", "nonce", "code_challenge"))
    headers = {"X-Forwarded-Proto": "https"}
    async with browser.session.get(url, headers=headers, allow_redirects=False) as response:
        assert "Secure" in response.headers["Set-Cookie"]


async def test_nobody_is_sent_elsewhere(house: House, open_browser: OpenBrowser) -> None:
    browser = open_browser()
    for more in ("next", "redirect", "return_to", "redirect_uri", "url"):
        back = await go_round(browser)
        assert await follow(browser, f"{back}&{more}=https://evil.example/") == "/desk/"
        assert "evil" not in await follow(
            browser, f"{house.address}/desk/oidc/start?{more}=https://evil.example/"
        )


async def test_what_the_provider_refuses(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    for error, reason in (("access_denied", "cancelled"), ("<script>", "refused")):
        browser = open_browser()
        state = dict(parse_qsl(urlsplit(await start(browser)).query))["state"]
        url = f"{house.address}/desk/oidc/callback?error={error}&state={state}"
        assert await follow(browser, url) == f"/desk/#/refused/{reason}"
    browser = open_browser()
    back = await go_round(browser)
    assert (await follow(browser, f"{back}&iss=https://evil.example")).endswith("/invalid")


async def test_a_head_request_spends_no_code(house: House, open_browser: OpenBrowser) -> None:
    browser = open_browser()
    back = await go_round(browser)
    async with browser.session.head(back, allow_redirects=False) as response:
        assert response.status == 405
    assert await follow(browser, back) == "/desk/"


async def test_a_provider_that_is_away_or_slow(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    browser = open_browser()
    provider.away = True
    assert (await start(browser)).endswith("/refused/unavailable")
    provider.away = False
    back = await go_round(browser)
    provider.slow = 5.0
    begun = time.monotonic()
    assert (await follow(browser, back)).endswith("/refused/unavailable")
    assert time.monotonic() - begun < 4
    provider.slow = 0.0
    assert await enter(browser) == ""


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"issuer": "https://evil.example"}, "invalid"),
        ({"token_endpoint": "ftp://x/"}, "invalid"),
        ({"jwks_uri": None}, "invalid"),
        ({"padding": "x" * 600_000}, "unavailable"),
    ],
)
async def test_a_provider_that_says_odd_things_of_itself(
    house: House,
    provider: IdentityProvider,
    open_browser: OpenBrowser,
    metadata: dict[str, Any],
    reason: str,
) -> None:
    provider.metadata = metadata
    assert (await start(open_browser())).endswith(f"/refused/{reason}")


async def test_without_a_role_nobody_comes_in(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    for groups in ([], ["staff"], "staff", None, {"wence-operators": 1}, [["wence-operators"]]):
        provider.tamper = {"groups": groups}
        assert await enter(open_browser()) == "no_role"
    assert await users(house) == {}


async def test_roles_follow_the_provider(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    first = open_browser()
    await enter(first)
    provider.tamper = {"groups": ["wence-operators", "wence-chiefs"], "amr": ["pwd", "otp"]}
    second = open_browser()
    assert await enter(second) == ""
    assert (await second.get("/me"))["role"] == "supervisor"
    # What was open with the old role is over.
    await first.get("/me", 401)
    provider.tamper = {"groups": ["staff"]}
    assert await enter(open_browser()) == "no_role"
    assert ("-", "role_by_provider") in await audited(house)


async def test_who_is_deactivated_stays_out(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    browser = open_browser()
    await enter(browser)
    user = (await users(house))["wang"]
    await house.users.change(user.id, active=False)
    await browser.get("/me", 401)
    provider.tamper = {"groups": ["wence-chiefs"]}
    assert await enter(browser) == "inactive"
    assert (await users(house))["wang"].role == "operator"
    assert ("wang", "sign_in_failed") in await audited(house)


async def test_the_second_factor_is_ours_unless_the_provider_asked_for_it(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    provider.person["groups"] = ["wence-admins"]
    for methods in (None, ["pwd"], "mfa", [7]):
        provider.tamper = {"amr": methods}
        browser = open_browser()
        assert await enter(browser) == ""
        assert (await browser.get("/me", 401))["code"] == "code_needed"
    secret = (await browser.get("/enrolment"))["secret"]
    code = totp.code_at(secret, int(house.clock().timestamp() // totp.STEP))
    assert await browser.post("/code", {"code": code}) == {"stage": "open"}
    provider.tamper = {"amr": ["pwd", "hwk"]}
    strong = open_browser()
    await enter(strong)
    assert (await strong.get("/me"))["role"] == "administrator"


async def test_nobody_is_taken_over_by_name(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser, sign_in_as: SignInAs
) -> None:
    local = await sign_in_as("wang")
    root = await sign_in_as("root", "administrator")
    stranger = open_browser()
    for _ in range(2):
        assert await enter(stranger) == "name_taken"
    await stranger.get("/me", 401)
    assert (await local.get("/me"))["display"] == "小王"
    assert all(user["identities"] == [] for user in (await local.get("/users"))["items"])
    listed = {user["name"]: user for user in (await root.get("/users"))["items"]}
    (asking,) = listed["wang"]["identities"]
    assert (asking["called"], asking["linked"]) == ("wang", False)
    path = f"/users/{listed['wang']['id']}/identity"
    wanted = {"identity": asking["id"], "linked": True}
    await local.post(path, wanted, 403)
    await root.post(f"/users/{listed['root']['id']}/identity", wanted, 404)
    # An administrator says that they are one person.
    await root.post(path, wanted)
    assert await enter(stranger) == ""
    assert (await stranger.get("/me"))["display"] == "小王"
    # And takes it back: out at once, and asking again.
    await root.post(path, {**wanted, "linked": False})
    await stranger.get("/me", 401)
    assert await enter(stranger) == "name_taken"
    assert {("root", "identity_linked"), ("root", "identity_parted")} <= set(await audited(house))


async def test_the_first_link_is_never_for_somebody_of_the_provider(
    house: House, provider: IdentityProvider, open_browser: OpenBrowser
) -> None:
    provider.person["groups"] = ["wence-admins"]
    await enter(open_browser())
    assert await house.desk.first_link() is not None
    assert set(await users(house)) == {"wang", "admin"}


async def test_no_secret_is_logged(
    house: House,
    provider: IdentityProvider,
    open_browser: OpenBrowser,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "aiosqlite")  # it shows what it stores
    browser = open_browser()
    back = await go_round(browser)
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    await follow(browser, back)
    provider.sign = unsigned
    await enter(browser)
    provider.away = True
    await enter_refused(browser)
    out = caplog.text + "".join(capsys.readouterr())
    assert "oidc_refused" in out
    # Whole values, and a token by how its header begins: the random state and
    # challenge that the provider's own log shows may hold any three letters.
    person, subject = provider.person["name"], provider.person["sub"]
    for secret in (code, CLIENT_SECRET, "eyJhbGciOi", person, subject):
        assert secret not in out


async def enter_refused(browser: Browser) -> None:
    assert (await follow(browser, await go_round_known(browser))).endswith("unavailable")


async def go_round_known(browser: Browser) -> str:
    """A callback that the provider, being away, cannot have caused."""
    state = dict(parse_qsl(urlsplit(await start(browser)).query))["state"]
    return f"{browser.address}/desk/oidc/callback?code=x&state={state}"


async def test_without_configuration_there_is_nothing(
    database: Database, knowledge: Knowledge, clock: Clock, built: Path, open_browser: OpenBrowser
) -> None:
    async with serve_desk(database, knowledge, clock, built) as plain:
        browser = Browser(open_browser().session, plain.address)
        assert await browser.get("/ways") == {"provider": None}
        async with browser.session.get(f"{plain.address}/desk/oidc/start") as response:
            assert response.status == 404
