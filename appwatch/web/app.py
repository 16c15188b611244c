"""The web application: for now, two pages for those who watch the watcher."""

from dataclasses import asdict

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from appwatch import __version__
from appwatch.web.health import Health


def make_app(health: Health) -> FastAPI:
    """Return the application. No page of it loads anything from elsewhere."""
    app = FastAPI(
        title="appwatch", version=__version__, docs_url=None, redoc_url=None, openapi_url=None
    )

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Answer as long as the process lives."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        """Answer 200 while looks keep up and the database can be read, else 503."""
        found = health.read()
        headers = {"Cache-Control": "no-store"}
        return JSONResponse(asdict(found), 200 if found.ready else 503, headers)

    return app
