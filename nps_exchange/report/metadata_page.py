"""Reference metadata as one plain page for people, in English as the bodies read it."""

from nps_exchange import messages
from nps_exchange.reference_metadata import LANGUAGE, ReferenceMetadata
from nps_exchange.report import template


def page(described: ReferenceMetadata) -> str:
    """One self-contained page with every concept in order, those of which nothing is said too."""
    structure = described.body.structure
    depths = {"": 0}
    for concept in structure.concepts:
        depths[concept.id] = depths[concept.parent] + 1
    return str(
        template("metadata.html.jinja").render(
            described=described,
            words=messages.words(LANGUAGE),
            depths=depths,
            holders={concept.parent for concept in structure.concepts},
            lang=LANGUAGE,
        )
    )
