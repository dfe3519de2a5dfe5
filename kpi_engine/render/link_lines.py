"""How the line of a link is drawn, on the map and in its table: dashes say how well it is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpi_engine.terms import EvidenceGrade


@dataclass(frozen=True, kw_only=True)
class LinkLook:
    """Dashes and gaps in pixels, and whether it stands back."""

    dashes: tuple[float, ...]
    is_dim: bool = False

    @property
    def dash(self) -> str:
        """For SVG; empty for a solid line."""
        return " ".join(f"{part:g}" for part in self.dashes)


LINK_LOOKS: Mapping[EvidenceGrade, LinkLook] = {
    EvidenceGrade.A: LinkLook(dashes=()),
    EvidenceGrade.B: LinkLook(dashes=()),
    EvidenceGrade.C: LinkLook(dashes=(8, 3)),
    EvidenceGrade.D: LinkLook(dashes=(4, 3), is_dim=True),
    EvidenceGrade.E: LinkLook(dashes=(1.5, 3), is_dim=True),
    EvidenceGrade.CONTRADICTED: LinkLook(dashes=(8, 3, 1.5, 3), is_dim=True),
}
