"""appwatch notices when an app vanishes from a store, and proves it."""

__version__ = "0.1.0"
