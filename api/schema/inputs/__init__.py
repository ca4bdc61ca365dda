"""The inputs of the mutations: one each."""
