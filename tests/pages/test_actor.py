"""Who somebody is, and that nobody is let in by accident."""

import pytest

from kpi_engine.errors import NotAllowedError, UnknownNameError
from kpi_engine.terms import Role
from pages.ui.actor import require_this_machine, roles_of

DECLARED = {
    "admin": ["Alice@Example.com"],
    "contributor": ["it-ops", "bob@example.com"],
}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        pytest.param({"email": "alice@example.com"}, {Role.ADMIN, Role.VIEWER}, id="by address"),
        pytest.param({"groups": ["it-ops"]}, {Role.CONTRIBUTOR, Role.VIEWER}, id="by group"),
        pytest.param({"groups": "IT-Ops"}, {Role.CONTRIBUTOR, Role.VIEWER}, id="one group as text"),
        pytest.param(
            {"email": "alice@example.com", "groups": ["it-ops"]},
            {Role.ADMIN, Role.CONTRIBUTOR, Role.VIEWER},
            id="by both",
        ),
        pytest.param({"email": "carl@example.com"}, set(), id="not named"),
        pytest.param({}, set(), id="no claims"),
        pytest.param(
            {"email": "alice@example.com", "email_verified": False}, set(), id="address refuted"
        ),
        pytest.param({"groups": ["alice@example.com"]}, set(), id="a group posing as an address"),
        pytest.param({"email": "it-ops"}, set(), id="an address posing as a group"),
    ],
)
def test_roles_come_from_verified_addresses_and_groups(
    claims: dict[str, object], expected: set[Role]
) -> None:
    assert roles_of(claims, declared=DECLARED) == expected


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
