"""Public sets of human sentences, read into cases with our calls."""
