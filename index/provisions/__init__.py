"""Provisions: what a document offers or directs, to whom, where and on what terms, read when the index is built.

`read` reads a document, `record` is what it finds, `codec` how the catalogue keeps it; `words` and `sectors` are
what documents and firms are both read by. docs/matching.md describes the fields.
"""
