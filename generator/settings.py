"""What an operator may set about answering."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr

from generator.backends.openai.profiles import ProfileName
from generator.backends.vlm.options import AttentionName, DtypeName, Quantization
from indexer.base.settings import FrozenSettings

PointingName = Literal["off", "auto", "thousandths", "pixels"]


class AnswerSettings(FrozenSettings):
    """Answers: what writes them, and from how much of a page."""

    generator: str = Field(
        "extractive",
        description="What writes the answers: `extractive` quotes the pages, `openai` asks a model "
        "behind an OpenAI-compatible address; `gguf` runs a GGUF file by llama.cpp, `qwen2-vl`, "
        "`qwen2.5-vl` and `qwen3-vl` by transformers, in this process.",
    )
    min_support: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="How close to an answer a quotation must be; when none is, the answer is 'not found', "
        "and one that a model wrote is not `grounded`. 0.5 balances wrong answers and wrong refusals. It is "
        "not the `support` that is shown, the chance of being right.",
    )
    strict: bool = Field(
        False,
        description="Leave out the sentences of a written answer that no cited page supports; the answer "
        "then comes whole, not word by word.",
    )
    narrow_from_pages: int = Field(
        0,
        ge=0,
        le=50,
        description="For a model: find so many pages at first and hand on those whose passages carry most of "
        "the question; 0 hands on what the search ranks best.",
    )
    neighbour_pages: bool = Field(
        False,
        description="For a model: also read the page behind one whose last table or sentence runs on.",
    )
    rewritten_searches: int = Field(
        0,
        ge=0,
        le=2,
        description="How often a model may word a search anew when it says that the pages do not answer.",
    )
    looking_steps: int = Field(
        0,
        ge=0,
        le=20,
        description="How often a model may look again before it answers: search, open a neighbour page, "
        "zoom a region, read a table. 0: never.",
    )
    looking_seconds: PositiveFloat = Field(60.0, description="Seconds that it may look.")
    looking_tokens: PositiveInt = Field(20_000, description="Tokens that its looking may take.")
    looking_tools: bool = Field(
        True,
        description="Let it look by calls of tools, where its server or chat template knows them. Off, and "
        "where they are refused: it writes each step as JSON.",
    )
    pointing: PointingName = Field(
        "off",
        description="Ask a model that sees where on the page each statement stands; what it points at is "
        "shown as evidence only where the page agrees. `auto` knows the numbers of Qwen models by name, "
        "`thousandths` and `pixels` say what a model writes.",
    )
    max_quotations: PositiveInt = Field(3, description="Most passages one answer quotes.")
    page_text: bool = Field(True, description="Send each page's words beside its image.")
    max_page_characters: PositiveInt = Field(
        6_000, description="Most characters of one page's words in a prompt."
    )
    max_prompt_image_px: PositiveInt = Field(
        768 * 28 * 28,
        description="Most pixels of one page image in a prompt; 28 x 28 are one visual token of "
        "Qwen2-VL.",
    )
    temperature: float = Field(0.0, ge=0.0, le=2.0, description="Sampling temperature.")
    top_p: float = Field(1.0, gt=0.0, le=1.0, description="Nucleus of the sampling.")
    max_answer_tokens: PositiveInt = Field(1_024, description="Most tokens of one answer.")


class OpenAiSettings(FrozenSettings):
    """A model behind an OpenAI-compatible address."""

    openai_base_url: str | None = Field(
        None,
        description="Address of the model, for example `http://127.0.0.1:8080/v1`. Several, parted by "
        "blanks: where one fails before its first word the next is asked.",
    )
    openai_model: str | None = Field(None, description="Name of the model at that address.")
    openai_api_key: SecretStr | None = Field(None, description="Key for that address.")
    openai_profile: ProfileName = Field(
        "plain",
        description="What the service at that address takes: `dashscope` asks it to read large page images "
        "whole, keeps to its 10 MB an image, and asks for JSON where it knows no schema.",
    )
    openai_small_model: str | None = Field(
        None,
        description="A cheaper model that answers first; `PAGESIGHT_OPENAI_MODEL` is asked where the support "
        "of its answer is below `PAGESIGHT_CASCADE_SUPPORT`.",
    )
    openai_small_base_url: str | None = Field(
        None, description="Address of that model. Default: the same."
    )
    cascade_support: float = Field(
        0.75, ge=0.0, le=1.0, description="Least support of a small model's answer that stands."
    )
    prompt_price: float = Field(
        0.0,
        ge=0.0,
        description="Price of a million tokens of prompts; the answer's `usage` has its `cost`.",
    )
    completion_price: float = Field(
        0.0, ge=0.0, description="Price of a million tokens of answers."
    )
    small_prompt_price: float = Field(
        0.0, ge=0.0, description="The same of the cheaper model's prompts."
    )
    small_completion_price: float = Field(
        0.0, ge=0.0, description="The same of the cheaper model's answers."
    )
    max_answer_cost: PositiveFloat | None = Field(
        None,
        description="Most that a prompt with its answer may cost, by these prices: what may cost more is "
        "refused before it is sent, and an answer that has cost as much looks and searches no further. No "
        "limit when not set.",
    )
    openai_images: bool = Field(
        True, description="Send page images; off for a model that reads text only."
    )
    connect_timeout_s: PositiveFloat = Field(5.0, description="Deadline of the connection.")
    first_token_timeout_s: PositiveFloat = Field(
        120.0, description="Deadline of the model's first word."
    )
    between_tokens_timeout_s: PositiveFloat = Field(
        30.0, description="Longest silence inside an answer."
    )
    answer_timeout_s: PositiveFloat = Field(300.0, description="Deadline of a whole answer.")


class VlmSettings(FrozenSettings):
    """A vision-language model in this process."""

    vlm_checkpoint: str | None = Field(
        None,
        description="Folder or hub id (`owner/name@revision`) of the model in this process. Default: "
        "the generator's own checkpoint.",
    )
    vlm_dtype: DtypeName = Field(
        "auto", description="What that model computes with: `auto` is the device's fastest."
    )
    vlm_quantization: Quantization = Field(
        "none",
        description="Its weights in `4bit` or `8bit`, by bitsandbytes on a GPU. Checkpoints that are "
        "quantised already (AWQ, GPTQ, FP8) need no setting.",
    )
    vlm_attention: AttentionName = Field(
        "auto",
        description="Its attention: `auto` is `flash_attention_2` where that is installed and can "
        "run, else `sdpa`.",
    )
    vlm_yarn_factor: float = Field(
        1.0,
        ge=1.0,
        le=32.0,
        description="Stretches its context (YaRN); short prompts lose a little by it.",
    )
    vlm_batch_size: PositiveInt = Field(
        4,
        description="Most questions that it answers at once; the next one joins when one has left.",
    )
    visual_token_budget: PositiveInt = Field(
        4_096,
        description="Most visual tokens of all page images of a question, for the model in this "
        "process.",
    )
    min_page_visual_tokens: PositiveInt = Field(
        128, description="Fewest visual tokens of a page; a question over more pages is refused."
    )


class GgufSettings(FrozenSettings):
    """A GGUF model in this process, by llama.cpp."""

    gguf: str = Field(
        "qwen2.5-coder-1.5b",
        description="A `.gguf` file, a name that `pagesight models` lists, or a hub id "
        "(`owner/name:file.gguf@revision`).",
    )
    gguf_mmproj: str | None = Field(
        None,
        description="The same for the file that lets that model see page images (mmproj). Default: it "
        "reads text only, or what `pagesight models get` brought with it.",
    )
    models_dir: Path | None = Field(
        None, description="Folder of downloaded models. Default: `models` in the data folder."
    )
    models_url: str = Field(
        "https://huggingface.co",
        pattern=r"^https?://[^\s/]+(/\S*)?$",
        description="Where `pagesight models get` downloads: the Hugging Face hub or a mirror of it.",
    )
    gguf_context_tokens: int = Field(
        4_096, ge=512, description="Most tokens of prompt and answer together; each takes memory."
    )
    gguf_threads: PositiveInt | None = Field(
        None, description="Threads of that model; all cores that this process may use when not set."
    )
    gguf_prompt_characters: PositiveInt = Field(
        1_500,
        description="Most characters of all pages' words in its prompt, the likeliest passages of them: a "
        "processor reads 150 to 400 characters a second.",
    )
    gguf_brief: bool = Field(
        True,
        description="Ask it for a phrase, and look up where that stands: small models forget to cite. Off: "
        "sentences with page numbers, for models of 7 billion parameters and more.",
    )
    gguf_min_logprob: float = Field(
        -0.3,
        le=0.0,
        description="Least mean log-probability of the tokens of its answer; a phrase below it becomes 'not "
        "found', a longer answer is not `grounded`.",
    )


class GeneratorSettings(AnswerSettings, OpenAiSettings, GgufSettings, VlmSettings):
    """The settings of the generator, a group for each topic of docs/settings.md."""
