"""What appwatch costs, measured on loopback: one command per figure."""
