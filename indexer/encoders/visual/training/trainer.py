"""Train a LoRA adapter (Hu et al., arXiv 2106.09685) by peft, step by step, from where it was left.

The base stays as it is; its activations are computed again on the way back, which takes a third more time and
a fraction of the memory. Matrices of the adapter are float32, the base is what is fastest on the device.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.devices import fastest_dtype, resolve_device
from indexer.encoders.checkpoints.messages import quiet
from indexer.encoders.visual.encoder import VisualEncoder
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.families import family_of
from indexer.encoders.visual.loading import attention_for, visual_checkpoint
from indexer.encoders.visual.queries import tokenize_query
from indexer.encoders.visual.training.plan import (
    TrainingExample,
    TrainingOptions,
    batches,
    learning_rate_at,
    pages_of,
)
from indexer.encoders.visual.training.state import TrainingState
from indexer.encoders.visual.weights import load_model

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image
    from torch import Tensor

_CLIP = 1.0  # a gradient's length: one odd batch must not undo what was learnt
LoadImage = Callable[[int], "Image"]  # of a page's id


class LoraTrainer:
    """A visual encoder with an adapter that is being fitted.

    facts, source  as for `load_visual`; the adapter is fitted to what they load
    folder         where what was learnt is put down, and found again
    dtype          of the base, instead of the device's fastest

    Raises EncoderUnavailable where peft is missing, or what the model needs.
    """

    def __init__(
        self,
        facts: VisualFacts,
        source: str | None,
        options: TrainingOptions,
        folder: Path,
        *,
        device: str = "auto",
        dtype: torch.dtype | None = None,
    ) -> None:
        import torch

        self._facts, self._source, self._options = facts, source, options
        self._device = resolve_device(device)
        checkpoint, family = visual_checkpoint(facts, source), family_of(facts)
        dtype = dtype or fastest_dtype(self._device)
        with quiet():
            model = load_model(checkpoint, facts, dtype, attention_for(facts, self._device, dtype))
            self._adapter = family.adapter(model, checkpoint.processor, facts)
            torch.manual_seed(options.seed)
            with warnings.catch_warnings():  # of transformers about what it and peft call
                warnings.simplefilter("ignore", FutureWarning)
                self._model = _with_lora(model, family.lora_targets, options.rank)
                model.vlm.activation_checkpointing_enable({"use_reentrant": False})
        self.encoder = VisualEncoder(
            self._model, self._adapter, facts.fingerprint, facts.query, device=self._device
        )
        self._weights = [p for p in self._model.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(self._weights, weight_decay=0.0)
        self._state = TrainingState(folder, self._weights, self._optimizer)

    def train(
        self, examples: Sequence[TrainingExample], load_image: LoadImage
    ) -> Iterator[tuple[int, int, float]]:
        """Yield (steps done, steps in all, loss) after each step, from where it was left.

        Put down every `checkpoint_steps`: whoever stops asking loses no more than those.
        """
        steps = batches(len(examples), self._options)
        for step in range(self._state.restore(), len(steps)):
            for group in self._optimizer.param_groups:
                group["lr"] = learning_rate_at(step, len(steps), self._options)
            self._model.train()
            loss = self._step([examples[i] for i in steps[step]], load_image)
            self._model.eval()
            if (step + 1) % self._options.checkpoint_steps == 0 or step + 1 == len(steps):
                self._state.put_down(step + 1)
            yield step + 1, len(steps), loss

    def save(self, folder: Path) -> None:
        """Write the adapter as peft does, with where its base is."""
        config = self._model.peft_config["default"]
        base, revision = self._base()
        config.base_model_name_or_path, config.revision = base, revision
        self._model.save_pretrained(folder, save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)  # a form of peft's that nobody has filled in

    def _base(self) -> tuple[str, str | None]:
        if self._source is None:
            return self._facts.checkpoint, self._facts.revision
        if Path(self._source).expanduser().is_dir():
            return str(Path(self._source).expanduser().resolve()), None
        name, _, revision = self._source.partition("@")
        return name, revision or None

    def _step(self, examples: Sequence[TrainingExample], load_image: LoadImage) -> float:
        import torch

        from indexer.encoders.visual.training.loss import contrastive_loss, maxsim_scores

        pages = pages_of(examples)
        scores = maxsim_scores(
            self._questions([example.question for example in examples]),
            self._pages([load_image(page) for page in pages]),
        )
        own = torch.tensor([pages.index(example.page) for example in examples])
        wrong = torch.tensor(
            [[page not in example.right for page in pages] for example in examples]
        )
        loss = contrastive_loss(scores, own.to(self._device), wrong.to(self._device))
        self._optimizer.zero_grad()
        if loss.requires_grad:  # else each page of the batch is right for each question
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self._weights, _CLIP)
            self._optimizer.step()
        return float(loss.detach())

    def _questions(self, texts: Sequence[str]) -> list[Tensor]:
        """Return vectors (T, D) of each question; those of equal length share a call, without padding."""
        import torch

        tokenizer, query_format = self._adapter.tokenizer, self._facts.query
        ids = [tokenize_query(tokenizer, query_format, text).ids for text in texts]
        vectors: dict[int, Tensor] = {}
        for length in sorted({len(row) for row in ids}):
            alike = [i for i, row in enumerate(ids) if len(row) == length]
            inputs = self._adapter.query_inputs(torch.tensor([ids[i] for i in alike]))
            vectors |= zip(alike, self._vectors(inputs), strict=True)
        return [vectors[i] for i in range(len(texts))]

    def _pages(self, images: Sequence[Image]) -> list[Tensor]:
        """Return vectors (N, D) of each page."""
        batch = self._adapter.page_batch(images)
        masks = batch.visual_mask.to(self._device)
        vectors = self._vectors(batch.inputs)
        return [rows[mask] for rows, mask in zip(vectors, masks, strict=True)]

    def _vectors(self, inputs: Mapping[str, Tensor]) -> Tensor:
        import torch

        tensors = {name: tensor.to(self._device) for name, tensor in inputs.items()}
        embeddings = self._model(**self._adapter.on_device(tensors)).embeddings
        return torch.nn.functional.normalize(embeddings.float(), dim=-1)


def _with_lora(model: Any, targets: str, rank: int) -> Any:
    """Return the model with an adapter of which the product is nothing yet."""
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise EncoderUnavailable(
            "peft is not installed: run `pip install 'pagesight[train]'`"
        ) from error
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=targets, lora_dropout=0.0)
    return get_peft_model(model, config).eval()
