"""Cypher, one question per file, each with a typed signature beside it. Nothing here can run it.

Every query answers one record with one column, `answer`: a list of thousands of values decodes some
thirty times cheaper from one record than from a record a row.
"""

from queries.loader import Mode, Statement, read, write

__all__ = ["Mode", "Statement", "read", "write"]
