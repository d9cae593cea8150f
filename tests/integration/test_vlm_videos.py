"""Neighbouring pictures of a video, given to tiny models of the family as one video.

What a model is called with is compared with transformers' own processors. Their part for videos needs
torchvision; `Frames` stands for it, and cuts patches by the code of theirs that does not.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from generator.backends.messages import Sampling, chat_messages
from generator.backends.vlm.model import VlmAnswerModel
from generator.backends.vlm.visual_budget import VisualBudget
from generator.prompts import Prompt, PromptPage
from tests.support.checkpoints import tiny_vlm, vlm_model, vlm_processor
from tests.support.vlm_prompts import page_image, stored, watching

FAMILIES = {"qwen2-vl": "qwen2_vl", "qwen2.5-vl": "qwen2_5_vl", "qwen3-vl": "qwen3_vl"}
TIMES_S = (12.0, 14.0, 18.0)  # of the clip: 3 s apart on average
SIZE = (448, 336)
BUDGET = VisualBudget(total_tokens=900, min_page_tokens=16, max_page_px=96 * 28 * 28)


def frame(number: int, time_s: float, **changes: Any) -> PromptPage:
    page = PromptPage(
        number, "tour.mp4", number + 3, stored(page_image(*SIZE, seed=number)), f"Slide {number}",
        printed_label=f"00:{time_s:.0f}", time_s=time_s, video_id="v",
    )  # fmt: skip
    return replace(page, **changes)


CLIP = tuple(frame(number, time_s) for number, time_s in enumerate(TIMES_S, start=1))
PAGE = PromptPage(4, "a.pdf", 1, stored(page_image(224, 168, seed=9)), "95 Nm")
PROMPT = Prompt("Be brief.", (*CLIP, PAGE), (), "What comes next?")


def patchify() -> Any:
    """Their function that cuts a video into patches, which is tensors alone."""
    source = Path(find_spec("transformers").submodule_search_locations[0])  # type: ignore[union-attr,index]
    module = source / "models" / "qwen2_vl" / "video_processing_qwen2_vl.py"
    tree = ast.parse(module.read_text(encoding="utf-8"))
    function = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "patchify"
    )
    names: dict[str, Any] = {"torch": torch}
    exec(compile(ast.Module([function], []), str(module), "exec"), names)
    return names["patchify"]


class Frames:
    """The part of a processor for videos: frames in, of two to a time step, with their seconds."""

    merge_size = temporal_patch_size = 2

    def __init__(self, images: Any) -> None:
        self._images = images
        self.patch_size = images.patch_size

    def __call__(self, videos: Any, video_metadata: Any, **_: Any) -> Any:
        from transformers import BatchFeature

        (frames,) = videos
        pixels = torch.stack([self._pixels(image) for image in frames])[None]
        patches = patchify()(None, pixels, self.patch_size, self.merge_size, 2)
        grid = [len(frames) // 2, *(side // self.patch_size for side in pixels.shape[-2:])]
        return BatchFeature(
            {
                "pixel_values_videos": patches[0].reshape(-1, patches[0].shape[-1]),
                "video_grid_thw": torch.tensor([grid]),
                "video_metadata": video_metadata,
            }
        )

    def _pixels(self, image: Any) -> Any:
        scaled = torch.tensor(np.asarray(image), dtype=torch.float32) / 255
        mean, std = torch.tensor(self._images.image_mean), torch.tensor(self._images.image_std)
        return ((scaled - mean) / std).permute(2, 0, 1)


def written(video: str) -> str:
    """The prompt as the families write it, with the marks of its video and its image."""
    texts = "".join(f'<page-text n="{page.number}">\n{page.text}\n</page-text>\n' for page in CLIP)
    return (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
        "[1] 00:12 of “tour.mp4”\n[2] 00:14 of “tour.mp4”\n[3] 00:18 of “tour.mp4”\n"
        f"These follow each other in this video:\n{video}\n{texts}"
        "[4] Page 1 of “a.pdf”\n<|vision_start|><|image_pad|><|vision_end|>\n"
        '<page-text n="4">\n95 Nm\n</page-text>\n'
        "Question: What comes next?<|im_end|>\n<|im_start|>assistant\n"
    )


def by_hand(family: str) -> Any:
    """The plain call of transformers: each picture twice, as two frames of a time step."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize
    from transformers.video_utils import VideoMetadata

    processor = vlm_processor(family)
    processor.video_processor = Frames(processor.image_processor)
    processor.vision_start_token, processor.vision_end_token = "<|vision_start|>", "<|vision_end|>"
    cell_px = 2 * processor.image_processor.patch_size
    size = {
        "shortest_edge": 16 * cell_px**2,
        "longest_edge": BUDGET.max_page_px // cell_px**2 * cell_px**2,
    }
    height, width = smart_resize(
        *SIZE[::-1], cell_px, min_pixels=size["shortest_edge"], max_pixels=size["longest_edge"]
    )
    images = [page_image(*SIZE, seed=page.number).resize((width, height), 3) for page in CLIP]
    metadata = VideoMetadata(
        total_num_frames=9, fps=1, frames_indices=[int(t) for t in TIMES_S for _ in range(2)]
    )
    # The name alone: they put the pictures of Qwen3-VL, with marks around each, inside of those marks.
    mark = (
        "<|video_pad|>" if family == "qwen3_vl" else "<|vision_start|><|video_pad|><|vision_end|>"
    )
    return processor(
        text=[written(mark)],
        images=[page_image(224, 168, seed=9)],
        videos=[[image for image in images for _ in range(2)]],
        images_kwargs={"size": size},
        videos_kwargs={"video_metadata": [metadata]},
        return_tensors="pt",
    )


@pytest.mark.parametrize("name", FAMILIES)
def test_tokens_patches_positions_and_logits_are_those_of_a_plain_call(name: str) -> None:
    vlm, expected = tiny_vlm(name), by_hand(FAMILIES[name])
    expected.pop("video_metadata", None)
    if name == "qwen2-vl":
        expected.pop("second_per_grid_ts", None)
    given = vlm.prompting.tensors(PROMPT, BUDGET).inputs()
    assert set(given) == set(expected)
    for key, value in given.items():
        exact = torch.as_tensor(expected[key]).to(value.dtype)
        is_pixels = key == "pixel_values_videos"
        torch.testing.assert_close(value, exact, rtol=0, atol=1e-6 if is_pixels else 0)
    asked = VlmAnswerModel("tiny", lambda: vlm, Sampling(max_tokens=2), BUDGET)
    with watching(vlm.model) as seen:
        assert list(asked.stream(PROMPT, lambda: False))
    positions, _ = vlm.model.model.get_rope_index(**expected)
    assert torch.equal(seen.calls[0]["position_ids"][-3:], positions)
    with torch.inference_mode():
        logits = vlm_model(FAMILIES[name])(**expected).logits[:, -1]
    torch.testing.assert_close(seen.logits[0][:, -1], logits, rtol=1e-4, atol=1e-4)


def test_time_steps_of_the_video_are_as_far_apart_as_its_pictures() -> None:
    """Qwen2.5-VL counts tokens a second in time positions, Qwen2-VL steps; Qwen3-VL reads the seconds."""
    times = {}
    for name in FAMILIES:
        vlm = tiny_vlm(name)
        given = vlm.prompting.tensors(PROMPT, BUDGET).inputs()
        positions, _ = vlm.model.model.get_rope_index(**given)
        is_video = given["mm_token_type_ids"][0] == 2
        first, *others = torch.unique(positions[0, 0, is_video]).tolist()
        times[name] = [other - first for other in others]
        text = vlm.prompting.chat_text(PROMPT)
        assert text.count(" seconds>") == (3 if name == "qwen3-vl" else 0)
    per_second = vlm_model("qwen2_5_vl").config.vision_config.tokens_per_second
    assert times["qwen2-vl"] == [1, 2]
    assert times["qwen2.5-vl"] == [3 * per_second, 6 * per_second]
    assert "<18.0 seconds>" in text


@pytest.mark.parametrize(
    ("pages", "n_in_clips"),
    [
        (CLIP, [3]),
        ((CLIP[0], CLIP[2]), [1, 1]),  # they do not follow each other
        ((CLIP[0], frame(2, 45.0)), [1, 1]),  # too far apart
        ((CLIP[0], frame(2, 12.5, video_id="w")), [1, 1]),
        ((CLIP[0], frame(2, 14.0, video_id="")), [1, 1]),  # a part of a picture
        ((CLIP[0], frame(2, 14.0, image=None), CLIP[2]), [1, 1]),  # which cannot be read
        ((*CLIP, PAGE, CLIP[0]), [3, 1, 1]),
    ],
)
def test_only_whole_pictures_that_follow_each_other_are_a_video(
    pages: tuple[PromptPage, ...], n_in_clips: list[int]
) -> None:
    vlm = tiny_vlm("qwen2.5-vl")
    tensors = vlm.prompting.tensors(replace(PROMPT, pages=pages), BUDGET)
    assert [int(video.grid[0, 0]) for video in tensors.videos] == [n for n in n_in_clips if n > 1]
    assert len(tensors.images) == n_in_clips.count(1)
    assert len(tensors.video_step_s) == len(tensors.videos)


def test_pictures_with_and_without_a_caption_are_one_video_within_the_budget() -> None:
    vlm = tiny_vlm("qwen2-vl")
    taller = frame(2, 14.0, image=stored(page_image(448, 392, seed=2)))
    prompt = replace(PROMPT, pages=(CLIP[0], taller, CLIP[2]))
    tensors = vlm.prompting.tensors(prompt, BUDGET)
    (video,) = tensors.videos
    assert tensors.n_visual_tokens == int(video.grid.prod()) // 4 <= BUDGET.total_tokens


def test_a_server_is_given_single_images_with_their_time_in_words() -> None:
    _, user = chat_messages(PROMPT)
    kinds = [part["type"] for part in user["content"]]
    assert kinds.count("image_url") == 4 and "video" not in kinds
    assert user["content"][0]["text"] == "[1] 00:12 of “tour.mp4”"
