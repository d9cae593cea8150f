from __future__ import annotations

import threading
from pathlib import Path

import pytest

from indexer.base.errors import CollectionNotFound
from indexer.indexes.derived import DerivedStore
from indexer.storage.durable import DurableFolder
from retriever.candidates.recall import PRESETS, RecallMeter, ShadowSampler
from tests.support.waiting import wait_until


@pytest.fixture(autouse=True)
def _threads_that_end_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait half a minute for the sampler of the one before."""
    monkeypatch.setattr("retriever.candidates.recall._IDLE_S", 0.2)


def test_a_larger_segment_is_searched_harder_from_the_start() -> None:
    meter = RecallMeter(0.99)
    chosen_params = [meter.search_params("c", n) for n in (500_000, 5_000_000, 60_000_000)]
    assert chosen_params == list(PRESETS[:3])


def test_a_mean_below_the_target_makes_stage_1_look_harder() -> None:
    meter = RecallMeter(0.99)
    before = meter.search_params("c", 1)
    for _ in range(10):
        meter.record("c", 0.9)
    assert meter.search_params("c", 1) == PRESETS[PRESETS.index(before) + 1]  # type: ignore[arg-type]
    assert meter.report("c").n_sampled == 0  # the new setting has not been measured yet


def test_a_few_samples_are_not_believed() -> None:
    meter = RecallMeter(0.99)
    for _ in range(9):
        meter.record("c", 0.0)
    assert meter.search_params("c", 1) == PRESETS[0]


def test_recall_at_the_target_changes_nothing() -> None:
    meter = RecallMeter(0.95)
    for _ in range(200):
        meter.record("c", 0.96)
    assert meter.search_params("c", 1) == PRESETS[0]
    report = meter.report("c")
    assert report.recall == pytest.approx(0.96)
    assert (report.worst, report.n_sampled) == (0.96, 200)


def test_when_no_setting_suffices_every_page_is_scored() -> None:
    meter = RecallMeter(0.99)
    for _ in range(10 * len(PRESETS)):
        meter.record("c", 0.5)
    assert meter.search_params("c", 1) is None


def test_collections_do_not_share_their_measurements() -> None:
    meter = RecallMeter(0.99)
    for _ in range(10):
        meter.record("a", 0.0)
    assert meter.search_params("b", 1) == PRESETS[0]


def test_what_was_measured_outlives_the_process(tmp_path: Path) -> None:
    kept = DerivedStore(DurableFolder(tmp_path))
    meter = RecallMeter(0.99, kept)
    for recall in (*[0.9] * 10, 1.0, 0.995):
        meter.record("c", recall)
    again = RecallMeter(0.99, kept)
    assert again.search_params("c", 1) == PRESETS[1]
    assert again.report("c") == meter.report("c")
    assert again.report("c").n_sampled == 2


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"samples": 3}', '{"samples": ["x"]}', '{"step_up": {}}']
)
def test_a_note_that_cannot_be_read_is_measured_anew(tmp_path: Path, body: str) -> None:
    kept = DerivedStore(DurableFolder(tmp_path))
    kept.keep_recall("c", {})
    (tmp_path / "derived" / "c" / "recall.json").write_text(body)
    assert RecallMeter(0.99, kept).report("c").n_sampled == 0


def test_a_target_of_one_scores_every_page() -> None:
    assert RecallMeter(1.0).search_params("c", 10**9) is None


def test_offers_beyond_what_the_thread_can_take_are_dropped_and_the_thread_survives_an_error() -> (
    None
):
    sampler, began, go_on, ran = ShadowSampler(0.5), threading.Event(), threading.Event(), []

    def slow() -> None:
        began.set()
        go_on.wait(600)
        ran.append("slow")
        raise CollectionNotFound("deleted meanwhile")

    done = threading.Event()
    sampler.offer(slow)
    assert began.wait(600)
    sampler.offer(lambda: (ran.append("next"), done.set()))
    sampler.offer(lambda: ran.append("dropped"))
    go_on.set()
    assert done.wait(600)
    assert ran == ["slow", "next"]


def test_a_share_of_nothing_never_measures() -> None:
    ShadowSampler(0.0).offer(lambda: pytest.fail("measured"))


def sampler_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "recall"]


def test_an_idle_sampler_has_no_thread_and_the_next_query_starts_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("retriever.candidates.recall._IDLE_S", 0.01)
    wait_until(lambda: sampler_threads() == [])  # of the tests before
    sampler, ran = ShadowSampler(1.0), list[int]()
    for n in range(1, 20):
        sampler.offer(lambda: ran.append(1))
        wait_until(lambda n=n: len(ran) == n)  # type: ignore[misc]
        wait_until(lambda: sampler_threads() == [])


def test_a_query_whose_measuring_breaks_is_logged_and_the_next_is_measured(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sampler, done = ShadowSampler(0.9), threading.Event()

    def broken() -> None:
        raise ValueError("no such vector")

    sampler.offer(broken)
    wait_until(lambda: "no such vector" in caplog.text)
    sampler.offer(done.set)
    assert done.wait(600)
