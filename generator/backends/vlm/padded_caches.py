"""The keys and values of several answers as one batch, padded on the left to the longest.

Keys hold their positions already, so a row may be moved to the right as a whole. Dimension key: B rows, H
heads, S columns, D numbers of a head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

RowCache = list[tuple["Tensor", "Tensor"]]  # of each layer (1, H, n, D), without padding


class PaddedCaches:
    """`cache` is what the model is called with; `mask` (B, S) is 1 where a row has a token."""

    def __init__(self, config: Any) -> None:
        self._config = config
        self.cache: Any = None
        self.mask: Tensor | None = None

    def add(self, row: RowCache) -> None:
        """Add a row behind the others. What it raises, memory that is used up, leaves them as they were."""
        import torch
        from transformers import DynamicCache

        n_row = row[0][0].shape[2]
        own_mask = torch.ones((1, n_row), dtype=torch.long, device=row[0][0].device)
        if self.mask is None:
            self.cache, self.mask = DynamicCache(config=self._config), own_mask
            for index, (keys, values) in enumerate(row):
                self.cache.update(keys, values, index)
            return
        n_rows, n_columns = self.mask.shape
        longest = max(n_columns, n_row)
        try:
            for layer, (keys, values) in zip(self.cache.layers, row, strict=True):
                layer.keys = torch.cat([_pad_left(layer.keys, longest), _pad_left(keys, longest)])
                layer.values = torch.cat(
                    [_pad_left(layer.values, longest), _pad_left(values, longest)]
                )
        except Exception:
            for layer in self.cache.layers:
                layer.keys = layer.keys[:n_rows, :, -n_columns:]
                layer.values = layer.values[:n_rows, :, -n_columns:]
            raise
        self.mask = torch.cat([_pad_left(self.mask, longest), _pad_left(own_mask, longest)])

    def take_out(self, index: int) -> RowCache:
        """Remove a row; return it on the processor, where it takes no memory of the device."""
        assert self.mask is not None
        is_own = self.mask[index].bool()
        row = [
            (
                layer.keys[index : index + 1, :, is_own].cpu(),
                layer.values[index : index + 1, :, is_own].cpu(),
            )
            for layer in self.cache.layers
        ]
        self.keep([place for place in range(len(self.mask)) if place != index])
        return row

    def keep(self, indexes: Sequence[int]) -> None:
        """Keep these rows, in this order, and no column that is padding in all of them."""
        import torch

        if not indexes:
            self.cache = self.mask = None
            return
        assert self.mask is not None
        places = torch.tensor(indexes, device=self.mask.device)
        mask = self.mask[places]
        first = int(mask.any(dim=0).int().argmax())
        self.mask = mask[:, first:]
        for layer in self.cache.layers:
            layer.keys = layer.keys[places][:, :, first:]
            layer.values = layer.values[places][:, :, first:]

    def grown_mask(self) -> Tensor:
        """Return the mask (B, S + 1) of a step that adds a token to each row."""
        import torch

        assert self.mask is not None
        return torch.cat([self.mask, self.mask.new_ones((len(self.mask), 1))], dim=1)

    def undo_step(self) -> None:
        """Forget what layers have taken of a step that failed."""
        assert self.mask is not None
        n_columns = self.mask.shape[1]
        for layer in self.cache.layers:
            layer.keys = layer.keys[:, :, :n_columns]
            layer.values = layer.values[:, :, :n_columns]


def row_of(cache: Any) -> RowCache:
    """Return the cache of a prompt that was read alone."""
    return [(layer.keys, layer.values) for layer in cache.layers]


def _pad_left(tensor: Tensor, n_columns: int) -> Tensor:
    """Pad a mask (B, S), or keys and values (B, H, S, D), on the left."""
    import torch

    missing = n_columns - tensor.shape[1 if tensor.ndim == 2 else 2]
    if not missing:
        return tensor
    sides = (missing, 0) if tensor.ndim == 2 else (0, 0, missing, 0)
    return torch.nn.functional.pad(tensor, sides)
