"""Who calls: bearer tokens, the keys they are verified by, and the development issuer."""
