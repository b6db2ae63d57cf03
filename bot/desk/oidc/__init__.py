"""Signing in by an identity provider: OpenID Connect, authorization code flow with PKCE."""

from __future__ import annotations

from bot.desk.oidc.flow import OidcFlow
from bot.desk.oidc.provider import OidcConfig
from bot.desk.oidc.roles import RoleRules

__all__ = ["OidcConfig", "OidcFlow", "RoleRules"]
