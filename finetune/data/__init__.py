"""The data engine: rows grown from the skills' own examples, gated, versioned, reviewed by a person.

`growth` makes sentences, `paraphrase` and `hear` vary them, `gate` refuses what is wrong, doubled or measured on,
`dataset` splits, versions and keeps them, `review` remembers what a person thought of each.
"""
