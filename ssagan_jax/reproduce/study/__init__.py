"""Preference studies: which of two clips looks more real to people."""
