"""What appwatch answers over HTTP."""

from appwatch.web.app import make_app
from appwatch.web.health import Health, Ready

__all__ = ["Health", "Ready", "make_app"]
