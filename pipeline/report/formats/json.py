"""JSON: the whole report model, laid out for people who look inside."""

from __future__ import annotations

import msgspec

from pipeline.model import encode
from pipeline.report.base import Format
from pipeline.report.model import Report


def render(report: Report) -> bytes:
    """The model as one object; its fields are those of ``pipeline.report.model``."""
    return msgspec.json.format(encode(report), indent=1) + b"\n"


FORMAT = Format("json", "report.json", "everything that the reports say, for programs", render)
