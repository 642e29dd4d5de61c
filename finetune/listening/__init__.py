"""The listening model: synthetic speech, a small Whisper trained from scratch, CTranslate2 int8."""
