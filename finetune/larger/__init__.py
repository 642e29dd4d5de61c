"""Fine-tuning of a household's larger model: any causal Hugging Face model, by LoRA or QLoRA, to a scored GGUF file.

The steps, each in a file of its own: train (network, train), merge (network), convert and quantize (convert), score
(score); `steps` runs them in order. The prompt, the grammar and the tokens are those of run time (rows, vocabulary).
"""
