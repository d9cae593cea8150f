"""What can go wrong while a question is answered.

PagesightError
└── GeneratorError
    └── GeneratorUnavailable    the answer model is unknown, or cannot be loaded or reached
"""

from __future__ import annotations

from indexer.errors import PagesightError


class GeneratorError(PagesightError):
    code = "generator_error"


class GeneratorUnavailable(GeneratorError):
    code = "generator_unavailable"
