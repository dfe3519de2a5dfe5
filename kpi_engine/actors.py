"""Who does something, and whether they may. Checked in every service that writes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kpi_engine.errors import NotAllowedError
from kpi_engine.terms import Role


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody using Plumbline.

    Attributes:
        name: How they appear in history and audit: an e-mail address, or a local user name.
        roles: Everything they may be.
    """

    name: str
    roles: frozenset[Role]

    def require(self, *roles: Role, to: str) -> None:
        """Stop unless the actor holds one of ``roles``; ADMIN may do everything.

        Args:
            roles: Any one of these is enough.
            to: What they want to do, as it completes "may not ...".

        Raises:
            NotAllowedError: None of the roles is held.
        """
        if not self.roles & {*roles, Role.ADMIN}:
            needed = " or ".join(role.value for role in roles)
            raise NotAllowedError(
                f"{self.name} may not {to}.",
                hint=f"This needs the role {needed}; ask an administrator.",
            )

    def goes_by(self, names: Iterable[str]) -> bool:
        """Whether somebody is one of ``names``: "M. Okafor" is m.okafor@example.com.

        Examples:
            >>> local_actor("m.okafor@example.com").goes_by(["M. Okafor", "D. Lindqvist"])
            True
            >>> local_actor("ann").goes_by(["M. Okafor"])
            False
        """
        return is_called(self.name, names)


def is_called(actor: str, names: Iterable[str]) -> bool:
    """Whether an actor's name is one of ``names``, as ``Actor.goes_by``."""
    return _letters(actor.partition("@")[0]) in {_letters(name) for name in names}


def _letters(name: str) -> str:
    return re.sub(r"[\W\d_]", "", name).casefold()


def local_actor(name: str) -> Actor:
    """The single user of an installation without login: every role."""
    return Actor(name=name, roles=frozenset(Role))
