"""The groups of the `hark` command, one file each; `assistant.cli` finds them through the entry points."""
