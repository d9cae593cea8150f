"""What can be wrong with a search.

PagesightError
└── InvalidQuery        the request itself cannot be answered
    ├── EmptyQuery      no words
    ├── QueryTooLong    more characters than the limit
    ├── InvalidImage    an image as a query that cannot be read
    ├── ImageQueryUnsupported  an image as a query of an encoder that reads words
    ├── InvalidFilter   a filter that no page can ever match, or that cannot be read
    └── InvalidToken    a query token that the query does not have
"""

from __future__ import annotations

from indexer.base.errors import PagesightError


class InvalidQuery(PagesightError):
    code = "invalid_query"


class EmptyQuery(InvalidQuery):
    code = "empty_query"


class QueryTooLong(InvalidQuery):
    code = "query_too_long"


class InvalidImage(InvalidQuery):
    code = "invalid_image"


class ImageQueryUnsupported(InvalidQuery):
    code = "image_query_unsupported"


class InvalidFilter(InvalidQuery):
    code = "invalid_filter"


class InvalidToken(InvalidQuery):
    code = "invalid_token"
