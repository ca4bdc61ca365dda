"""What every input may carry."""

KEY = (
    "A text of your choice, yours alone. A repeat with the same key and input answers the first"
    " outcome and does nothing again."
)
"""Describes the field `idempotency_key`."""
