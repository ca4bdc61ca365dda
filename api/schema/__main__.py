"""Prints the schema: `python -m api.schema > schema.graphql`."""

import sys

from api.schema import schema

sys.stdout.write(schema.as_str().rstrip("\n") + "\n")
