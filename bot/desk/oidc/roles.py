"""Which claim gives which role: ``groups: wence-operators=operator, wence-chiefs=supervisor``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from bot.storage.desk_users import ROLES, Role

__all__ = ["RoleRules"]

_FORM = re.compile(r"(\S+):\s+(.+)")
_WRONG = "应写成“groups: wence-operators=operator, wence-chiefs=supervisor”这样的形式"


@dataclass(frozen=True)
class RoleRules:
    """The roles that the values of a claim give.

    Attributes:
        claim: its name; dots lead into objects, as in ``realm_access.roles``.
        roles: role by value, in the order written; of several that fit the first holds.
    """

    claim: str
    roles: tuple[tuple[str, Role], ...]

    @classmethod
    def parse(cls, text: str) -> RoleRules:
        """Read the form above.

        Raises:
            ValueError: says what is expected.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise ValueError(_WRONG)
        roles: list[tuple[str, Role]] = []
        for pair in found[2].split(","):
            value, _, role = (part.strip() for part in pair.rpartition("="))
            if not value:
                raise ValueError(_WRONG)
            if role not in ROLES:
                raise ValueError(f"没有角色 {role}，只有 {'、'.join(ROLES)}")
            roles.append((value, cast(Role, role)))
        return cls(found[1], tuple(roles))

    def role_of(self, claims: Mapping[str, Any]) -> Role | None:
        """The role of somebody with these claims; None where none fits."""
        held = self._values(claims)
        return next((role for value, role in self.roles if value in held), None)

    def _values(self, claims: Mapping[str, Any]) -> list[Any]:
        found: Any = claims.get(self.claim)
        if found is None:
            found = claims
            for step in self.claim.split("."):
                found = found.get(step) if isinstance(found, Mapping) else None
        return found if isinstance(found, list) else [found]
