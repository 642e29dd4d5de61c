"""The senses of the always-on loop: where sound comes from, who speaks, what was said, and what is only ourselves."""
