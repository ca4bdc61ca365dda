"""The stores the tests run on, and what a test may do to them.

`neo4j_server.find_neo4j` starts a real Neo4j or says why it cannot; `faults` breaks a server.
"""
