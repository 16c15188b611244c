"""Policies side by side on one simulated trace per seed: false alarms, misses, times, requests."""
