"""What is kept as it was received, and the bundles that prove a change to others."""

from appwatch.evidence.folder import Evidence

__all__ = ["Evidence"]
