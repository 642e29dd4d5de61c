"""Learning: data engine, training of the shipped models, export. Nothing here runs on the board."""
