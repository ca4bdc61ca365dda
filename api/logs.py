"""Logging, set up once: readable on a terminal, JSON otherwise; always to standard error."""

import logging
import sys
from typing import Any

import orjson
import structlog


def set_up_logs(level: str) -> None:
    """Send what the service and its libraries log to standard error, from this level on."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    readable = sys.stderr.isatty()
    structlog.configure(
        processors=[*shared[:-1], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    renderers: list[Any] = (
        [structlog.dev.ConsoleRenderer()]
        if readable
        else [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Uvicorn's own start and stop lines say nothing that `serving on` and the exit do not; and
    # anybody may send what is not HTTP as often as they please, a warning each.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    # The driver logs every retry with the store's own words; we log what comes of them.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)


def _json(value: Any, **_options: Any) -> str:
    return orjson.dumps(value, default=str).decode()
