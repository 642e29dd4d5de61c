"""Learning: data engine, training, export. Of this `hark data` and `hark learn` run on the board."""
