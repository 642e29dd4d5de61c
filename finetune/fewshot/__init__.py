"""Training of the network that knows a skill from ten examples (`assistant.fewshot`)."""
