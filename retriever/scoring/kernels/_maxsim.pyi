from typing import Any

from numpy.typing import NDArray

def levels() -> list[str]: ...
def scan(
    level: str,
    item_bytes: int,
    dim: int,
    n_threads: int,
    query: NDArray[Any],
    factors: NDArray[Any],
    edges: NDArray[Any],
    vectors: NDArray[Any],
    begins: NDArray[Any],
    ends: NDArray[Any],
    scores: NDArray[Any],
    /,
) -> None: ...
def widen(level: str, halves: NDArray[Any], floats: NDArray[Any], /) -> None: ...
