"""The skills that come with Hark, one file per family. Each imports `assistant.skill` and `assistant.readers` only."""
