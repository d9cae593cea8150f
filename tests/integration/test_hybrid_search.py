"""Words and numbers of a question count beside its vectors, wherever pages are chosen and scored."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from indexer.catalog.database import Database
from indexer.encoders.fake import FakeEncoder
from indexer.maintenance.compaction import Compactor
from indexer.stores import Stores
from retriever.errors import InvalidQuery
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes
from retriever.query.question_reading import read_question
from retriever.query.request import Mode
from retriever.searcher import Searcher
from retriever.settings import RetrieverSettings
from retriever.words.bonuses import page_bonuses
from retriever.words.encoder_weights import weights_of
from retriever.words.mean_lengths import MeanLengths
from tests.builders import open_stores
from tests.support.factories import draft
from tests.support.searching import (
    ENCODER,
    WORDS,
    AddDocument,
    add_document,
    embed,
    fake_searcher,
    places,
)


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return open_stores(tmp_path / "data", Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}"))


@pytest.fixture
def add(stores: Stores) -> AddDocument:
    return add_document(stores)


def add_with_words(stores: Stores, name: str, looks: list[str], text: str) -> None:
    """Add a document whose pages look like one thing and say another."""
    collection = stores.catalog.collections.get("c")
    pages = [embed(look) for look in looks]
    document = draft(
        stores.catalog, stores.vectors, collection, pages,
        name=name, sha256=name.rjust(64, "0"), text=text,
    )  # fmt: skip
    assert stores.catalog.documents.commit(document)


def test_a_score_is_the_maxsim_and_what_the_words_add(stores: Stores, add: AddDocument) -> None:
    texts = ["alpha beta", "beta gamma gamma", "delta", "alpha alpha beta", "gamma delta"]
    for n, words_of_page in enumerate(texts):
        add("c", f"{n}.pdf", [words_of_page])
    query = "alpha beta on page 1"
    plain = fake_searcher(stores, RetrieverSettings(hybrid="never")).search(query, ["c"], k=10)
    hybrid = fake_searcher(stores).search(query, ["c"], k=10)
    similarity = {hit.page.id: hit.score for hit in plain.hits}
    snapshot, index = stores.catalog.snapshot("c"), stores.catalog.page_index
    (scope,) = page_scopes([snapshot], SearchFilter())
    mean_length = MeanLengths(index).of(snapshot.collection.id, 1, scope.documents)
    bonuses = page_bonuses(
        read_question(query), int(plain.embedding.content.sum()), index,
        scope, mean_length, weights_of(FakeEncoder().fingerprint.name),
    )  # fmt: skip
    page_ids = np.array(sorted(similarity))
    expected = {
        int(id_): similarity[int(id_)] + float(bonus)
        for id_, bonus in zip(page_ids, bonuses.of(page_ids), strict=True)
    }
    assert {hit.page.id: hit.score for hit in hybrid.hits} == pytest.approx(expected, abs=2e-4)
    assert {hit.page.id: hit.similarity for hit in hybrid.hits} == pytest.approx(similarity)
    assert [hit.page.id for hit in hybrid.hits] == sorted(expected, key=lambda id_: -expected[id_])


def test_without_hybrid_scores_are_the_maxsim(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta"])
    settings = RetrieverSettings(hybrid="never")
    [hit] = fake_searcher(stores, settings).search("alpha on page 1", ["c"]).hits
    assert hit.score == hit.similarity


def test_a_page_that_only_words_find_is_a_candidate_where_stage_1_chooses(
    stores: Stores, add: AddDocument
) -> None:
    query = "KD-340/B"
    vectors = ENCODER.encode_queries([query])[0].vectors
    similarity = {look: float((embed(look).vectors @ vectors.T).max(0).sum()) for look in WORDS}
    least, *rest = sorted(WORDS, key=similarity.__getitem__)
    dice = random.Random(0)
    add("c", "many.pdf", [" ".join(dice.sample(rest, 9)) for _ in range(320)])
    add_with_words(stores, "code.pdf", [least], "alpha beta KD-340/B")
    Compactor(stores, int8=True, min_copied=1, min_indexed=20).run("c", eager=True)
    n_candidates = []
    for hybrid in ("never", "auto"):
        settings = RetrieverSettings(candidates_from_pages=10, recall_sampling=0.0, hybrid=hybrid)
        result = fake_searcher(stores, settings).search(query, ["c"])
        assert result.candidates is not None
        n_candidates.append(result.candidates.n_candidates)
    by_vectors, with_words = n_candidates
    assert with_words == by_vectors + 1 < 321  # the page that says it


@pytest.mark.parametrize(
    ("query", "page_number"),
    [
        ("alpha on page 3", 3),
        ("alpha on the last page", 5),
        ("alpha on the second slide", 2),
        ("ALPHA ON SLIDE 4", 4),
        ("alpha", 1),
        ("alpha on page 77", 1),
    ],
)
def test_a_number_in_the_question_leads_to_the_page(
    stores: Stores, add: AddDocument, query: str, page_number: int
) -> None:
    add("c", "a.pdf", ["alpha beta"] * 5)
    assert places(fake_searcher(stores), query)[0] == ("a.pdf", page_number)


def test_a_number_never_leads_out_of_the_filter(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta"] * 5)
    searcher = fake_searcher(stores)
    hits = places(searcher, "alpha on page 3", filter=SearchFilter(page_range=(4, 5)))
    assert hits == [("a.pdf", 4), ("a.pdf", 5)]


def test_naming_the_document_leads_to_its_pages(stores: Stores, add: AddDocument) -> None:
    add("c", "harbour.pdf", ["alpha beta"] * 3)
    add("c", "norvik-ferry.pdf", ["alpha beta"] * 3)
    hits = places(fake_searcher(stores), "alpha of the Norvik ferry", k=3)
    assert {name for name, _ in hits} == {"norvik-ferry.pdf"}


def test_instructions_change_nothing(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta", "gamma delta"])
    searcher = fake_searcher(stores)
    plain = searcher.search("alpha beta?", ["c"])
    instructed = searcher.search("alpha beta? Round your answer to two decimals.", ["c"])
    assert [hit.score for hit in instructed.hits] == [hit.score for hit in plain.hits]
    assert instructed.query == "alpha beta? Round your answer to two decimals."
    assert instructed.question is not None
    assert instructed.question.instructions == ("Round your answer to two decimals.",)


def test_queries_that_share_a_pass_score_as_if_alone(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta", "beta gamma", "gamma delta"])
    add("d", "b.pdf", ["alpha gamma"])
    searcher = fake_searcher(stores)
    queries = ["alpha on page 2", "beta gamma", "delta"]
    together = searcher.search_many(queries, ["c", "d"])
    for query, result in zip(queries, together, strict=True):
        alone = searcher.search(query, ["c", "d"])
        assert [(h.page.id, h.score) for h in result.hits] == [
            (h.page.id, h.score) for h in alone.hits
        ]


def test_words_of_pages_that_an_older_pagesight_stored_are_found(
    stores: Stores, add: AddDocument, tmp_path: Path
) -> None:
    add("c", "a.pdf", ["alpha beta"])
    searcher = fake_searcher(stores)
    before = searcher.search("alpha", ["c"]).hits[0].score
    database = Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")
    with database.writing() as transaction:
        transaction.exec_driver_sql("DELETE FROM page_index")
    database.engine.dispose()
    assert fake_searcher(stores).search("alpha", ["c"]).hits[0].score == before


def test_a_glossary_leads_to_what_the_page_calls_it(
    stores: Stores, add: AddDocument, tmp_path: Path
) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("capex = purchases of property", encoding="utf-8")
    add("c", "a.pdf", ["alpha beta"])
    add_with_words(stores, "b.pdf", ["alpha beta"], "purchases of property")
    plain = fake_searcher(stores).search("capex", ["c"]).hits
    settings = RetrieverSettings(glossary=str(path))
    with_glossary = fake_searcher(stores, settings).search("capex", ["c"]).hits
    assert {hit.score - hit.similarity for hit in plain} == {0.0}
    assert [hit.document.name for hit in with_glossary] == ["b.pdf", "a.pdf"]


def test_words_alone_rank_the_pages_that_have_them(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta"])
    add_with_words(stores, "code.pdf", ["gamma delta"], "alpha beta KD-340/B")
    add("d", "other.pdf", ["delta"])
    searcher = fake_searcher(stores)
    by_words = searcher.search("KD-340/B", ["c", "d"], mode="words").hits
    assert [hit.document.name for hit in by_words] == ["code.pdf"]
    assert by_words[0].score > 0
    assert searcher.search("omicron", ["c"], mode="words").hits == ()
    outside = SearchFilter(documents=("a.pdf",))
    assert searcher.search("KD-340/B", ["c"], filter=outside, mode="words").hits == ()


def test_a_mode_overrules_the_settings(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta"])
    never = fake_searcher(stores, RetrieverSettings(hybrid="never"))
    auto = fake_searcher(stores)

    def score(searcher: Searcher, mode: Mode | None = None) -> float:
        return searcher.search("alpha", ["c"], mode=mode).hits[0].score

    modes: tuple[Mode, ...] = ("both", "vectors", "words")
    assert [score(never, mode) for mode in modes] == [score(auto, mode) for mode in modes]
    assert score(never) == score(never, "vectors") < score(auto) == score(auto, "both")


def test_words_alone_rank_as_many_pages_as_are_asked_for(stores: Stores, add: AddDocument) -> None:
    for n in range(6):
        add("c", f"{n}.pdf", ["alpha " * (n + 1)])
    searcher = fake_searcher(stores)
    every_page = places(searcher, "alpha", k=6, mode="words")
    assert len(every_page) == 6
    assert places(searcher, "alpha", k=3, mode="words") == every_page[:3]


def test_an_image_is_not_ranked_by_words(stores: Stores, add: AddDocument) -> None:
    add("c", "a.pdf", ["alpha beta"])
    with pytest.raises(InvalidQuery, match="an image has no words"):
        fake_searcher(stores).search("alpha", ["c"], image=Image.new("RGB", (9, 9)), mode="words")
