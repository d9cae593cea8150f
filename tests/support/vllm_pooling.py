"""A server that speaks as vLLM does for a pooling model of page images, and computes with a tiny checkpoint.

vLLM itself was not at hand: the forms of requests and answers are those of its documentation (0.32).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from numpy.typing import NDArray
from PIL import Image

Vectors = NDArray[np.float32]


class PoolingModel:
    """What the server computes with; arrays are (S, D), a row for each token of the whole prompt."""

    def __init__(
        self,
        tokenizer: Any,
        of_tokens: Callable[[list[int]], Vectors],
        of_image: Callable[[Image.Image, str], Vectors],
    ) -> None:
        self.tokenizer = tokenizer
        self.of_tokens = of_tokens
        self.of_image = of_image


def vllm_app(name: str, checkpoint: str, model: PoolingModel) -> FastAPI:
    app = FastAPI()
    app.state.name, app.state.busy = name, 0

    def refusal(body: dict[str, Any]) -> JSONResponse | None:
        if app.state.busy:
            app.state.busy -= 1
            error = {"message": "the queue is full", "type": "ServiceUnavailable", "code": 503}
            return JSONResponse({"error": error}, 503)
        if body["model"] != app.state.name:
            message = f"The model `{body['model']}` does not exist."
            error = {"message": message, "type": "NotFoundError", "param": "model", "code": 404}
            return JSONResponse({"error": error}, 404)
        return None

    @app.get("/v1/models")
    def models() -> dict[str, Any]:
        served = {
            "id": app.state.name,
            "object": "model",
            "root": checkpoint,
            "max_model_len": 4096,
        }
        return {"object": "list", "data": [served]}

    @app.post("/tokenize")
    async def tokenize(request: Request) -> Any:
        body = await request.json()
        if (response := refusal(body)) is not None:
            return response
        special = body.get("add_special_tokens", True)
        ids = model.tokenizer(body["prompt"], add_special_tokens=special)["input_ids"]
        names = model.tokenizer.convert_ids_to_tokens(ids) if body["return_token_strs"] else None
        return {"count": len(ids), "max_model_len": 4096, "tokens": ids, "token_strs": names}

    @app.post("/pooling")
    async def pooling(request: Request) -> Any:
        body = await request.json()
        if (response := refusal(body)) is not None:
            return response
        assert body["task"] == "token_embed"
        if "input" in body:
            vectors = [model.of_tokens(ids) for ids in body["input"]]
        else:
            ((picture, words),) = [message["content"] for message in body["messages"]]
            image = _image_of(picture["image_url"]["url"])
            vectors = [model.of_image(image, words["text"])]
        data = [
            {"index": i, "object": "pooling", "data": _encoded(rows, body)}
            for i, rows in enumerate(vectors)
        ]
        return {"id": "pool-1", "object": "list", "model": body["model"], "data": data}

    return app


def _image_of(url: str) -> Image.Image:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return Image.open(BytesIO(base64.b64decode(data))).convert("RGB")


def _encoded(rows: Vectors, body: dict[str, Any]) -> Any:
    if body.get("encoding_format", "float") == "float":
        return rows.tolist()
    assert (body["embed_dtype"], body["endianness"]) == ("float32", "little")
    return base64.b64encode(rows.astype("<f4").tobytes()).decode()


def colpali_served() -> PoolingModel:
    """The tiny ColPali of the other tests: the image's tokens, `<bos>`, the words and a line's end."""
    import torch

    from tests.support.checkpoints import tiny_encoder

    encoder = tiny_encoder("colpali")
    adapter = encoder._adapter

    def of_tokens(ids: list[int]) -> Vectors:
        rows = encoder._vectors(encoder._model, adapter.query_inputs(torch.tensor([ids])))
        return np.asarray(rows[0].numpy(), np.float32)

    def of_image(image: Image.Image, words: str) -> Vectors:
        assert words in adapter.tokenizer.decode(adapter.page_batch([image]).inputs["input_ids"][0])
        rows = encoder._vectors(encoder._model, adapter.page_batch([image]).inputs)
        return np.asarray(rows[0].numpy(), np.float32)

    return PoolingModel(adapter.tokenizer, of_tokens, of_image)


class ColQwen3:
    """A tiny Qwen3-VL with a projection: a page's tokens are between those of a chat message."""

    def __init__(self, dim: int = 32) -> None:
        import torch

        from tests.support.checkpoints import vlm_model, vlm_processor

        self._model = vlm_model("qwen3_vl").eval()
        self._processor = vlm_processor("qwen3_vl")
        drawn = torch.randn(64, dim, generator=torch.Generator().manual_seed(3))
        self._projection = drawn
        self.image_token = self._model.config.image_token_id

    def served(self) -> PoolingModel:
        def of_tokens(ids: list[int]) -> Vectors:
            import torch

            return self._rows({"input_ids": torch.tensor([ids])})

        def of_image(image: Image.Image, words: str) -> Vectors:
            return self._rows(self.inputs(image, words))

        return PoolingModel(self._processor.tokenizer, of_tokens, of_image)

    def inputs(self, image: Image.Image, words: str) -> dict[str, Any]:
        content = [{"type": "image"}, {"type": "text", "text": words}]
        messages = [{"role": "user", "content": content}]
        prompt = self._processor.tokenizer.apply_chat_template(messages, tokenize=False)
        return dict(self._processor(text=[prompt], images=[image], return_tensors="pt"))

    def page_rows(self, image: Image.Image, words: str) -> Vectors:
        """Return the rows of the image's tokens, by their ids and not by their place."""
        inputs = self.inputs(image, words)
        rows: Vectors = self._rows(inputs)[inputs["input_ids"][0].numpy() == self.image_token]
        return rows

    def _rows(self, inputs: dict[str, Any]) -> Vectors:
        import torch

        with torch.inference_mode():
            states = self._model.model(**inputs).last_hidden_state[0].float()
            rows = torch.nn.functional.normalize(states @ self._projection, dim=-1)
        return np.asarray(rows.numpy(), np.float32)
