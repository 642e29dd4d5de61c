"""Learning on the board: the shipped skill model takes up a new skill or a correction, on the board's own processor.

It switches to what was learned only where nothing that is measured got worse; `hark learn --undo` goes back.
"""
