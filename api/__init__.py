"""Everything that knows HTTP, tokens and GraphQL. The command `policygraph` is `api.__main__`."""
