"""The web application: health for those who watch the watcher, and the pages of alerts."""

from collections.abc import Callable
from dataclasses import asdict

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from appwatch import __version__
from appwatch.errors import DatabaseError
from appwatch.web.health import Health
from appwatch.web.metrics import MEDIA_TYPE, metrics_text
from appwatch.web.pages import HEADERS, Pages


def make_app(health: Health, pages: Pages) -> FastAPI:
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

    @app.get("/metrics")
    def metrics() -> Response:
        """Answer what Prometheus reads."""
        headers = {"Cache-Control": "no-store"}
        return Response(metrics_text(health), 200, headers, MEDIA_TYPE)

    @app.get("/incidents/{incident}")
    def incident_page(request: Request, incident: str, language: str = "en") -> Response:
        """Show one incident: what was observed, and apart from it what others claim."""
        return _page(pages, request, lambda: pages.incident(incident, language))

    @app.get("/apps/{app_id}")
    def app_page(request: Request, app_id: str) -> Response:
        """Show how one app stands, and its incidents."""
        return _page(pages, request, lambda: pages.app(app_id))

    return app


def _page(pages: Pages, request: Request, make: Callable[[], str | None]) -> Response:
    refused = pages.refusal(request.headers.get("host", ""))
    if refused is not None:
        return PlainTextResponse(refused, 403, HEADERS)
    try:
        made = make()
    except DatabaseError as error:
        return PlainTextResponse(str(error), 503, HEADERS)
    if made is None:
        return PlainTextResponse("There is nothing of this id.", 404, HEADERS)
    return HTMLResponse(made, 200, HEADERS)
