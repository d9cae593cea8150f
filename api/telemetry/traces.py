"""OpenTelemetry spans: a request, the stages of its search, the writing of its answer.

Without the SDK (extra `otel`) the interface does nothing. No span holds a question, an answer or a page's
words; of an address only the route is told.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from api.base.errors import InvalidSettings
from api.telemetry.observers import STAGES, Writing, WritingEnd
from indexer.ingest.outcomes import IngestOutcome
from retriever.hits import SearchResult

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider


def exporting_provider(version: str) -> SdkTracerProvider:
    """Sends spans by OTLP over HTTP, to where OTEL_EXPORTER_OTLP_ENDPOINT says.

    Raises InvalidSettings where the SDK is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise InvalidSettings(
            "PAGESIGHT_TRACES needs OpenTelemetry: pip install 'pagesight[otel]', or unset it"
        ) from error
    about = Resource.create({"service.name": "pagesight", "service.version": version})
    provider = SdkTracerProvider(resource=about)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


class Traces:
    """Obeys `observers.Observer`: spans are made after the fact, from the times that were taken."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = trace.get_tracer("pagesight", tracer_provider=provider)

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Span]:
        """The span of a request, part of the client's own trace where it has one."""
        with self._tracer.start_as_current_span(
            method,
            context=propagate.extract(headers),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method},
            record_exception=False,
        ) as span:
            yield span

    def on_search(self, result: SearchResult) -> None:
        end_ns = time.time_ns()
        began_ns = end_ns - _ns(result.timing_ms["total"])
        search = self._tracer.start_span(
            "search", start_time=began_ns, attributes={"pagesight.hits": len(result.hits)}
        )
        inside = trace.set_span_in_context(search)
        for name, stage in STAGES.items():
            part = self._tracer.start_span(stage, context=inside, start_time=began_ns)
            began_ns += _ns(result.timing_ms[name])
            part.end(began_ns)
        search.end(end_ns)

    def on_query(self, known: bool) -> None:
        trace.get_current_span().set_attribute("pagesight.query_remembered", known)

    def on_writing_begin(self) -> None:
        """Its span is made when it ends."""

    def on_writing_end(self, writing: Writing) -> None:
        span = self._tracer.start_span("generate", start_time=writing.began_ns)
        span.set_attribute("pagesight.outcome", writing.outcome)
        span.set_attribute("gen_ai.usage.input_tokens", writing.prompt_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", writing.completion_tokens)
        if writing.first_token_s is not None:
            at = writing.began_ns + int(writing.first_token_s * 1e9)
            span.add_event("first token", timestamp=at)
        if writing.end is WritingEnd.FAILED:
            span.set_status(Status(StatusCode.ERROR))
        span.end(writing.began_ns + int(writing.seconds * 1e9))

    def on_ingest(self, outcome: IngestOutcome) -> None:
        end_ns = time.time_ns()
        span = self._tracer.start_span("ingest", start_time=end_ns - int(outcome.seconds * 1e9))
        span.set_attribute("pagesight.verdict", outcome.verdict.value)
        span.set_attribute("pagesight.pages", outcome.n_pages)
        span.end(end_ns)


def _ns(ms: float) -> int:
    return int(ms * 1e6)
