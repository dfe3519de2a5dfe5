"""Who is asking, and what they may do."""

import getpass
import ipaddress
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from kpi_engine.actors import Actor, local_actor
from kpi_engine.errors import NotAllowedError, UnknownNameError
from kpi_engine.terms import Role
from pages.ui.messages import explained

_TRUST = "trust_unverified_email"


def require_role(*roles: Role) -> Actor:
    """Let nobody past who holds none of ``roles``: the first line of every page.

    Services check again before they write; this keeps the page itself closed.
    """
    with explained():
        actor = current_actor()
        actor.require(*roles, to="open this page")
    return actor


def current_actor() -> Actor:
    """Whoever is at the other end of this session.

    Raises:
        NotAllowedError: Nobody is logged in, or there is no login and the app is reachable
            from other machines.
    """
    if not login_is_configured():
        require_this_machine(st.get_option("server.address"))
        return local_actor(_local_name())
    if not is_logged_in():
        raise NotAllowedError("Nobody is logged in.", hint="Log in to open this page.")
    claims, declared = st.user.to_dict(), _section("roles")
    return Actor(name=name_of(claims, declared=declared), roles=roles_of(claims, declared=declared))


def login_is_configured() -> bool:
    """Whether the secrets hold an ``[auth]`` section."""
    return bool(_section("auth"))


def is_logged_in() -> bool:
    """Whether this session carries a login that has not expired; False also without any login.

    Streamlit keeps its own cookie for 30 days; what the provider said holds only until ``exp``.
    """
    if not getattr(st.user, "is_logged_in", False):
        return False
    return is_current(st.user.to_dict(), now=time.time())


def is_current(claims: Mapping[str, Any], *, now: float) -> bool:
    """Whether the claims still hold.

    Args:
        claims: What the identity provider said at login; without ``exp`` they do not expire.
        now: Seconds since 1970.
    """
    try:
        return now < float(claims.get("exp", math.inf))
    except (TypeError, ValueError):
        return False


def require_this_machine(address: str | None) -> None:
    """Stop unless the server listens on this machine only.

    The middleware turns other machines away as well, whatever the server was told.

    Args:
        address: What the server listens on; None is every network.

    Raises:
        NotAllowedError: Others could connect, and nobody has to log in.
    """
    if address is None or not _is_loopback(address):
        raise NotAllowedError(
            "Plumbline can be reached from other machines, but nobody has to log in.",
            hint="Start it with server.address = 127.0.0.1, or declare a login under [auth] in "
            ".streamlit/secrets.toml.",
        )


def name_of(claims: Mapping[str, Any], *, declared: Mapping[str, Any]) -> str:
    """How somebody appears in history and audit: an address only when it is known to be theirs."""
    address = next(iter(_addresses(claims, declared)), None)
    return str(address or claims.get("sub") or claims.get("name") or "unnamed")


def roles_of(claims: Mapping[str, Any], *, declared: Mapping[str, Any]) -> frozenset[Role]:
    """The roles somebody has by their e-mail address and their groups.

    Args:
        claims: What the identity provider says about them.
        declared: ``[roles]`` of the secrets: role to e-mail addresses and groups, and
            ``default`` for everybody who can log in. An entry with an @ is an address, any
            other is a group. An address counts only when the provider has verified it;
            ``trust_unverified_email`` is for providers that never say so.

    Returns:
        Empty when nothing applies. Whoever holds any role may also view.

    Raises:
        UnknownNameError: A role that does not exist is declared.
    """
    words = {role.value for role in Role}
    named = {*declared, declared.get("default", Role.VIEWER.value)} - {"default", _TRUST}
    for word in named - words:
        raise UnknownNameError("role", word, words)
    mine = {*_addresses(claims, declared), *_groups(claims)}
    roles = {Role(word) for word in named & set(declared) if mine & set(_lower(declared[word]))}
    if "default" in declared:
        roles.add(Role(declared["default"]))
    return frozenset(roles | {Role.VIEWER}) if roles else frozenset()


def _addresses(claims: Mapping[str, Any], declared: Mapping[str, Any]) -> Sequence[str]:
    address = str(claims.get("email") or "")
    verified = claims.get("email_verified", declared.get(_TRUST, False))
    return _lower([address]) if verified is True and "@" in address else []


def _groups(claims: Mapping[str, Any]) -> Iterable[str]:
    groups = claims.get("groups") or []
    listed = [groups] if isinstance(groups, str) else groups
    return [group for group in _lower(listed) if "@" not in group]


def _lower(names: Iterable[Any]) -> list[str]:
    return [str(name).lower() for name in names]


def _section(name: str) -> Mapping[str, Any]:
    try:
        return st.secrets[name].to_dict() if name in st.secrets else {}
    except StreamlitSecretNotFoundError:
        return {}


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _local_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a user database
        return "local user"
