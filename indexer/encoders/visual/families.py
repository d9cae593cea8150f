"""List the families of visual models. Importing this loads no model and no torch."""

from __future__ import annotations

from indexer.encoders.visual import colmodernvbert, colpali, colqwen2
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.family import Family

FAMILIES: tuple[Family, ...] = (colqwen2.FAMILY, colpali.FAMILY, colmodernvbert.FAMILY)
VISUAL_MODELS: dict[str, VisualFacts] = {
    facts.name: facts for family in FAMILIES for facts in family.models
}


def family_of(facts: VisualFacts) -> Family:
    """Return the family that has an encoder of this name."""
    return next(f for f in FAMILIES if facts.name in {model.name for model in f.models})
