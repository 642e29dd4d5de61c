"""One page that shows a run: figures with their intervals, the errors to look at, and what was measured on what.

`build` gathers, `page` renders, `figures` counts, `text` writes the sentences, `charts` draws them with the strokes of
`canvas`. The page is one file that asks no network for anything.
"""
