"""What Kubernetes takes as a name or a label ("Object Names", "Labels and Selectors")."""

import re

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_SUBDOMAIN = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
_VALUE = re.compile(f"(?:{_NAME})?")
_KEY = re.compile(rf"(?:(?=[^/]{{1,253}}/){_SUBDOMAIN}/)?{_NAME}")
_DNS = re.compile(rf"(?=.{{1,253}}\Z){_SUBDOMAIN}")


def is_label_key(text: str) -> bool:
    """Tell whether a text is a label's key: a name, perhaps below a DNS subdomain and a slash."""
    return _KEY.fullmatch(text) is not None


def is_label_value(text: str) -> bool:
    """Tell whether a text is a label's value: a name of at most 63 characters, or empty."""
    return _VALUE.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """Tell whether a text is a DNS subdomain (RFC 1123), as the name of most objects must be."""
    return _DNS.fullmatch(text) is not None
