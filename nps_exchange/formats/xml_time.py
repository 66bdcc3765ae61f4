"""Moments as XML Schema writes them."""

from datetime import UTC, date, datetime


def moment(prepared: str) -> str:
    """A date, or date and time, by ISO 8601 as `xs:date` or `xs:dateTime`: with seconds; in UTC if it has a zone."""
    try:
        return date.fromisoformat(prepared).isoformat()
    except ValueError:
        found = datetime.fromisoformat(prepared)
    if found.tzinfo is None:
        return found.isoformat()
    return found.astimezone(UTC).isoformat().replace("+00:00", "Z")
