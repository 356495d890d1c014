"""Deliberate bugs, and the proof that the suite catches each: ``make mutants``."""
