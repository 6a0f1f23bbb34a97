"""What `--format` takes, and what writes it; nothing is imported before it is asked for."""

from collections.abc import Mapping

FORMATS: Mapping[str, str] = {
    "json": "conformance.document:write_report",
    "html": "conformance.render.html:write_html",
    "junit": "conformance.junit:write_junit",
    "sarif": "conformance.sarif:write_sarif",
    "messages": "conformance.cucumber:write_messages",
    "markdown": "conformance.summary:write_markdown",
    "csv": "conformance.summary:write_csv",
}
