"""Skills about tea; Hark looks through every module of this package."""
