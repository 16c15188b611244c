"""What appwatch answers over HTTP."""

from appwatch.web.app import make_app
from appwatch.web.health import Health, Ready
from appwatch.web.pages import Pages

__all__ = ["Health", "Pages", "Ready", "make_app"]
