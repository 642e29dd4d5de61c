"""The shipped skill model: tokenizer, training from scratch, export to GGUF, calibration, card."""
