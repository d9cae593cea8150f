"""Makes what answers questions: a writer, and how it comes by its pages."""

from __future__ import annotations

from api.base.settings import Settings
from api.services.page_regions import PageRegions
from generator.answering.answerer import Answerer
from generator.answering.finding.page_choice import ReadingPlan
from generator.answering.looking.loop import LookingBudget
from generator.answering.writer import AnswerWriter
from generator.registry import generator_facts
from indexer.base.page_images import jpeg_for_model, jpeg_of
from indexer.base.pages import FractionBox
from indexer.catalog.catalog import Catalog
from retriever.hits import PageHit
from retriever.searcher import Searcher

_REGION_EDGE_PX = 1568  # as tools for agents draw it


def make_answerer(
    settings: Settings,
    searcher: Searcher,
    catalog: Catalog,
    writer: AnswerWriter,
    regions: PageRegions,
) -> Answerer:
    """Return what answers with `writer`, by the plan and the budget that the settings name."""
    plan = ReadingPlan(
        settings.narrow_from_pages,
        settings.neighbour_pages,
        settings.rewritten_searches,
        settings.max_answer_cost,
    )
    looking = LookingBudget(
        settings.looking_steps,
        settings.looking_seconds,
        settings.looking_tokens,
        settings.max_answer_cost,
        settings.looking_tools,
    )

    def region_image(hit: PageHit, box: FractionBox) -> bytes:
        part = regions.part_within(hit.page, box, _REGION_EDGE_PX)
        image = regions.image(hit.page, hit.document, part).image
        return jpeg_for_model(jpeg_of(image), settings.max_prompt_image_px)

    sees = generator_facts(settings.generator).reads_images and settings.openai_images
    image_of = region_image if sees else None
    return Answerer(searcher, catalog, writer, plan, looking, image_of, settings.min_support)
