"""The rules of appwatch as pure functions and values: no I/O, no clock, no environment."""
