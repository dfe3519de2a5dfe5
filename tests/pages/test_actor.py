"""Who somebody is, and that nobody is let in by accident."""

import pytest

from kpi_engine.errors import NotAllowedError, UnknownNameError
from kpi_engine.terms import Role
from pages.ui.actor import is_current, name_of, require_this_machine, roles_of

DECLARED = {
    "admin": ["Alice@Example.com"],
    "contributor": ["it-ops", "bob@example.com"],
}
VERIFIED = {"email": "alice@example.com", "email_verified": True}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param(VERIFIED, {Role.ADMIN, Role.VIEWER}, id="by address"),
        pytest.param({"groups": ["it-ops"]}, {Role.CONTRIBUTOR, Role.VIEWER}, id="by group"),
        pytest.param({"groups": "IT-Ops"}, {Role.CONTRIBUTOR, Role.VIEWER}, id="one group as text"),
        pytest.param(
            {**VERIFIED, "groups": ["it-ops"]},
            {Role.ADMIN, Role.CONTRIBUTOR, Role.VIEWER},
            id="by both",
        ),
        pytest.param({"email": "carl@example.com", "email_verified": True}, set(), id="not named"),
        pytest.param({}, set(), id="no claims"),
        pytest.param(
            {"email": "alice@example.com", "email_verified": False}, set(), id="address refuted"
        ),
        pytest.param({"email": "alice@example.com"}, set(), id="address not known to be theirs"),
        pytest.param({**VERIFIED, "email_verified": "true"}, set(), id="verified only in words"),
        pytest.param({"groups": ["alice@example.com"]}, set(), id="a group posing as an address"),
        pytest.param(
            {"email": "it-ops", "email_verified": True}, set(), id="an address posing as a group"
        ),
    ],
)
def test_roles_come_from_verified_addresses_and_groups(
    claims: dict[str, object], expected: set[Role]
) -> None:
    assert roles_of(claims, declared=DECLARED) == expected


@pytest.mark.parametrize(
    ("claims", "counts"),
    [({}, True), ({"email_verified": True}, True), ({"email_verified": False}, False)],
)
def test_a_provider_that_never_verifies_can_be_trusted_but_not_against_its_word(
    claims: dict[str, object], *, counts: bool
) -> None:
    trusting = {**DECLARED, "trust_unverified_email": True}
    roles = roles_of({"email": "alice@example.com", **claims}, declared=trusting)
    assert (Role.ADMIN in roles) is counts


def test_an_address_that_is_not_verified_is_nobodys_name() -> None:
    claims = {"sub": "7", "name": "boss@example.com", "email": "boss@example.com"}
    assert name_of(claims, declared={}) == "7"
    assert name_of({**claims, "email_verified": True}, declared={}) == "boss@example.com"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param({"exp": 1001}, True, id="a second left"),
        pytest.param({"exp": 1000}, False, id="just expired"),
        pytest.param({"exp": "soon"}, False, id="unreadable"),
        pytest.param({}, True, id="never expires"),
    ],
)
def test_a_login_ends_when_what_the_provider_said_expires(
    claims: dict[str, object], *, expected: bool
) -> None:
    assert is_current(claims, now=1000) is expected


def test_everybody_who_can_log_in_has_the_default_role() -> None:
    assert roles_of({}, declared={"default": "viewer"}) == {Role.VIEWER}


def test_without_declared_roles_nobody_has_one() -> None:
    assert roles_of({"email": "alice@example.com"}, declared={}) == frozenset()


@pytest.mark.parametrize("declared", [{"admn": ["a@b.c"]}, {"default": "admn"}])
def test_a_misspelt_role_is_refused_with_the_nearest_name(declared: dict[str, object]) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'admin'"):
        roles_of({}, declared=declared)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_without_login_this_machine_may_connect(address: str) -> None:
    require_this_machine(address)


@pytest.mark.parametrize("address", [None, "0.0.0.0", "192.168.1.4", "scorecard.example.com"])  # noqa: S104 - what must be refused
def test_without_login_any_wider_address_is_refused(address: str | None) -> None:
    with pytest.raises(NotAllowedError, match="nobody has to log in"):
        require_this_machine(address)
