"""Measuring: cases, metrics, reports. Runs the same `decide` that answers people."""
