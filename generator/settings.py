"""What an operator may set about answering."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, SecretStr


class GeneratorSettings(BaseModel):
    """Frozen; an unknown or malformed field is refused where it is built."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    generator: str = Field(
        "extractive",
        description="What writes the answers: `extractive` quotes the pages, `openai` asks a model "
        "behind an OpenAI-compatible address.",
    )
    min_support: float = Field(
        0.5,
        ge=0.0,
        le=1.0,
        description="Least support of a quotation; when none has as much, the answer is "
        "'not found'.",
    )
    max_quotations: PositiveInt = Field(3, description="Most passages one answer quotes.")
    openai_base_url: str | None = Field(
        None, description="Address of the model, for example `http://127.0.0.1:8080/v1`."
    )
    openai_model: str | None = Field(None, description="Name of the model at that address.")
    openai_api_key: SecretStr | None = Field(None, description="Key for that address.")
    openai_images: bool = Field(
        True, description="Send page images; off for a model that reads text only."
    )
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
    connect_timeout_s: PositiveFloat = Field(5.0, description="Deadline of the connection.")
    first_token_timeout_s: PositiveFloat = Field(
        120.0, description="Deadline of the model's first word."
    )
    between_tokens_timeout_s: PositiveFloat = Field(
        30.0, description="Longest silence inside an answer."
    )
    answer_timeout_s: PositiveFloat = Field(300.0, description="Deadline of a whole answer.")
