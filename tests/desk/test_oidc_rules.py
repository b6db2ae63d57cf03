"""Names, factors, roles and settings of signing in by an identity provider."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.app import oidc_config
from bot.desk import RoleRules
from bot.desk.oidc.person import person_of, proved_twice
from bot.errors import SettingsError
from bot.settings import Settings

WHOLE = {
    "WENCE_OIDC_ISSUER": "https://sso.example.gov.cn/realms/sme/",
    "WENCE_OIDC_CLIENT_ID": "wence-desk",
    "WENCE_OIDC_CLIENT_SECRET": "s3cr3t-value",
    "WENCE_OIDC_ROLES": "groups: wence-operators=operator",
}


def load(tmp_path: Path, **environ: str) -> Settings:
    return Settings.load(environ, tmp_path / ".env")


def test_the_whole_of_it(tmp_path: Path) -> None:
    settings = load(tmp_path, **WHOLE, WENCE_PUBLIC_URL="https://wence.example.gov.cn/")
    config = oidc_config(settings)
    assert config is not None
    assert config.issuer == "https://sso.example.gov.cn/realms/sme/"
    assert config.redirect == "https://wence.example.gov.cn/desk/oidc/callback"
    assert "s3cr3t-value" not in repr(config) + str(settings.show())
    assert config.scopes == "openid profile"
    config = oidc_config(load(tmp_path, **WHOLE, WENCE_OIDC_SCOPES="groups, email"))
    assert config is not None
    assert config.scopes == "openid profile groups email"
    assert config.redirect == "http://127.0.0.1:8080/desk/oidc/callback"
    assert oidc_config(load(tmp_path)) is None


@pytest.mark.parametrize("missing", sorted(WHOLE))
def test_half_of_it_stops_the_start(tmp_path: Path, missing: str) -> None:
    half = {name: value for name, value in WHOLE.items() if name != missing}
    with pytest.raises(SettingsError, match=f"{missing} 缺失：单位帐号登录只设置了一部分"):
        load(tmp_path, **half)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WENCE_OIDC_ISSUER", "sso.example.gov.cn"),
        ("WENCE_OIDC_ISSUER", "http://sso.example.gov.cn"),
        ("WENCE_OIDC_ISSUER", "https://u:p@sso.example.gov.cn"),
        ("WENCE_OIDC_ISSUER", "https://sso.example.gov.cn/?x=1"),
        ("WENCE_OIDC_ROLES", "operators"),
        ("WENCE_OIDC_ROLES", "groups: x=boss"),
        ("WENCE_OIDC_SCOPES", 'groups "'),
        ("WENCE_OIDC_SCOPES", "角色"),
        ("WENCE_PUBLIC_URL", "wence.example.gov.cn"),
        ("WENCE_PUBLIC_URL", "https://a.example,https://b.example"),
        ("WENCE_PUBLIC_URL", "https://a.example/desk"),
        ("WENCE_PUBLIC_URL", ","),
    ],
)
def test_a_malformed_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        oidc_config(load(tmp_path, **{**WHOLE, name: value}))


@pytest.mark.parametrize(
    ("claims", "name", "display"),
    [
        ({"preferred_username": "Wang.Xiao-Ming"}, "wang.xiao-ming", "Wang.Xiao-Ming"),
        ({"preferred_username": "wang@sme.example", "name": " 王  明\n"}, "wang", "王 明"),
        ({"preferred_username": "SME\\wang"}, "sme-wang", "SME\\wang"),
        ({"preferred_username": "王明"}, "u1", "王明"),
        ({"preferred_username": "x" * 80}, "x" * 32, "x" * 30),
        ({}, "u1", "U1"),
        ({"sub": "王明"}, "u-2ff1cda3d0b6", "王明"),
    ],
)
def test_names_are_made_fit(claims: dict[str, Any], name: str, display: str) -> None:
    person = person_of({"sub": "U1", **claims})
    assert person.display == display
    assert person.name == name or (name.startswith("u-") and person.name.startswith("u-"))


@pytest.mark.parametrize(
    ("claims", "proved"),
    [
        ({"amr": ["mfa"]}, True),
        ({"amr": ["pwd", "otp"]}, True),
        ({"amr": ["face", "hwk"]}, True),
        ({"amr": ["pwd", "pin"]}, False),
        ({"amr": ["otp"]}, False),
        ({"acr": "https://refeds.org/profile/mfa"}, True),
        ({"acr": "1"}, False),
        ({"acr": ["https://refeds.org/profile/mfa"]}, False),
        ({}, False),
    ],
)
def test_what_counts_as_two_factors(claims: dict[str, Any], proved: bool) -> None:
    assert proved_twice(claims) is proved


def test_rules_of_roles() -> None:
    rules = RoleRules.parse("realm_access.roles: a=b=operator, chief = supervisor")
    assert rules.role_of({"realm_access": {"roles": ["a=b"]}}) == "operator"
    assert rules.role_of({"realm_access.roles": "chief"}) == "supervisor"
    assert rules.role_of({"realm_access": "chief"}) is None
    assert RoleRules.parse("https://x.example/roles: o=operator").claim == "https://x.example/roles"


@pytest.mark.parametrize(
    "text", ["", "groups", "groups:", "groups: x", "groups: =operator", "groups: x=boss", "a: x=,"]
)
def test_rules_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"应写成|没有角色"):
        RoleRules.parse(text)
