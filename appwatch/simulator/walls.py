"""Answers that say nothing of any listing: walls, limits, errors and broken connections."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import quote

from appwatch.simulator.bodies import Piece, bomb
from appwatch.simulator.faults import Fault, FaultKind
from appwatch.simulator.wire import Delivery, Reply, Request, reply

HTML = "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"

# Reserved by RFC 2606: a client that follows asks nobody.
_NOWHERE = "http://elsewhere.invalid/"
_RATE_PAGE = (
    "<html><body><h1>429 Too Many Requests</h1>"
    "<p>Please reduce your request rate.</p></body></html>"
)
_NO_CACHE = ("cache-control", "max-age=0, no-cache, no-store")


@dataclass(frozen=True, slots=True)
class Met:
    """A fault, and the request that met it."""

    fault: Fault
    request: Request


_DELIVERIES: Mapping[FaultKind, Delivery] = MappingProxyType(
    {
        FaultKind.TRUNCATED_BODY: Delivery.SHORT,
        FaultKind.SLOW_HEADERS: Delivery.SLOW_HEADERS,
        FaultKind.SLOW_BODY: Delivery.SLOW_BODY,
    }
)


def delivered(answer: Reply, fault: Fault) -> Reply:
    """Return the right answer, sent as badly as the fault wants."""
    manner = _DELIVERIES.get(fault.kind, answer.delivery)
    return replace(answer, delivery=manner, pause=fault.pause)


def wall(fault: Fault, request: Request) -> Reply | None:
    """Return what the fault answers whatever was asked, or None if that depends on the world."""
    build = _WALLS.get(fault.kind)
    return build(Met(fault, request)) if build else None


def error_envelope(key: str, status: int = 400) -> Reply:
    """Return lookup's own complaint about a parameter: no results, not even their count."""
    body = (
        f'{{\n "errorMessage":"Invalid value(s) for key(s): [{key}]",\n'
        ' "queryParameters":{"output":"json", "callback":"A javascript function to handle your '
        'search results", "country":"ISO-2A country code", "limit":"The number of search results '
        'to return", "term":"A search string", "lang":"ISO-2A language code"}\n}'
    )
    return reply(status, body, JAVASCRIPT)


def _page(title: str, body: str) -> str:
    head = f"<!DOCTYPE html><html lang=en><head><title>{title}</title></head>"
    return f"{head}<body>{body}</body></html>"


def _redirect(location: str) -> Reply:
    return reply(302, _page("302 Moved", "Moved"), HTML, ("location", location), _NO_CACHE)


def _forbidden_empty() -> Reply:
    lokamai = ("x-apple-lokamai-no-cache", "true")
    return reply(403, "", "", lokamai, _NO_CACHE, ("pragma", "no-cache"))


def _rate_limited(met: Met) -> Reply:
    wait = (("retry-after", met.fault.retry_after),) if met.fault.retry_after else ()
    return reply(429, _RATE_PAGE, HTML, *wait)


def _captcha_redirect(met: Met) -> Reply:
    target = quote(met.request.url, safe="")
    return _redirect(f"https://www.google.com/sorry/index?continue={target}&q=EgQAAAAA")


def _consent_redirect(met: Met) -> Reply:
    target = quote(met.request.url, safe="")
    return _redirect(
        f"https://consent.google.com/m?continue={target}&gl=DE&m=0&pc=gp&cm=2&hl=en&src=1"
    )


def _captcha(met: Met) -> Reply:
    form = (
        '<form id="captcha-form" action="index" method="post"><noscript>In order to continue, '
        "please enable javascript on your web browser.</noscript>"
        '<div id="recaptcha" class="g-recaptcha" '
        'data-sitekey="6LfwuyUTAAAAAOAmoS0fdqijC2PbbdH4kjq62Y1b"></div>'
        '<input type="hidden" name="q" value="EgQAAAAA"></form><hr>'
        "<b>About this page</b><br>Our systems have detected unusual traffic from your computer "
        "network. This page checks to see if it&#39;s really you sending the requests, and not a "
        "robot."
    )
    return reply(met.fault.status, _page(met.request.url.replace("&", "&amp;"), form), HTML)


def _consent_form() -> Reply:
    script = (
        "<script>AF_initDataCallback({key: 'ds:0', hash: '1', data:[null,[\"DE\"]], "
        "sideChannel: {}});</script>"
    )
    form = (
        "<h1>Before you continue</h1>"
        '<form action="https://consent.google.com/save" method="POST">'
        '<input type="hidden" name="gl" value="DE"><input type="hidden" name="set_eom" '
        'value="true"><input type="submit" value="Reject all"></form>'
    )
    return reply(200, _page("Before you continue to Google Play", form + script), HTML)


def _robot_404() -> Reply:
    body = (
        "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Error 404 (Not Found)!!1</title>"
        '<main id="af-error-container" role="main"><a href=//www.google.com><span id=logo '
        "aria-label=Google role=img></span></a><p><b>404.</b> <ins>That&rsquo;s an error.</ins>"
        "<p>The requested URL was not found on this server. "
        "<ins>That&rsquo;s all we know.</ins></main>"
    )
    return reply(404, body, HTML)


def _javascript_stub() -> Reply:
    body = (
        '<noscript><meta content="0;url=/httpservice/retry/enablejs" http-equiv="refresh">'
        '<div>Please click <a href="/httpservice/retry/enablejs">here</a> if you are not '
        "redirected within a few seconds.</div></noscript><script>(function(){})();</script>"
    )
    return reply(200, _page("Google", body), HTML)


def _gzip_bomb(met: Met) -> Reply:
    raw = bomb(met.fault.size)
    headers = (("content-type", HTML), ("content-encoding", "gzip"))
    return Reply(200, headers, (Piece(raw, b""),), encoded=True)


def _oversize(met: Met) -> Reply:
    pieces = (Piece(b" " * met.fault.size, b""),)
    return Reply(200, (("content-type", HTML),), pieces, Delivery.CHUNKED, encoded=True)


def _always(answer: Reply) -> Callable[[Met], Reply]:
    def build(_: Met) -> Reply:
        return answer

    return build


_WALLS: Mapping[FaultKind, Callable[[Met], Reply]] = MappingProxyType(
    {
        FaultKind.CLOSED_EARLY: _always(Reply(200, delivery=Delivery.CLOSED)),
        FaultKind.HANG: _always(Reply(200, delivery=Delivery.HANG)),
        FaultKind.GZIP_BOMB: _gzip_bomb,
        FaultKind.OVERSIZE_BODY: _oversize,
        FaultKind.REDIRECT_AWAY: lambda met: _redirect(met.fault.instead or _NOWHERE),
        FaultKind.REDIRECT_LOOP: lambda met: _redirect(met.request.url),
        FaultKind.CAPTCHA_REDIRECT: _captcha_redirect,
        FaultKind.CONSENT_REDIRECT: _consent_redirect,
        FaultKind.FORBIDDEN_EMPTY: _always(_forbidden_empty()),
        FaultKind.FORBIDDEN: _always(reply(403, _page("403 Forbidden", "Forbidden"), HTML)),
        FaultKind.TEXT_404: _always(reply(404, "Not Found", "text/plain")),
        FaultKind.RATE_LIMITED: _rate_limited,
        FaultKind.UNAVAILABLE_EMPTY: _always(reply(503)),
        FaultKind.UNAVAILABLE_HTML: _always(
            reply(503, _page("503", "Service Unavailable - Zero size object"), HTML)
        ),
        FaultKind.SERVER_ERROR: _always(reply(500, _page("Error 500", "Server Error"), HTML)),
        FaultKind.ROBOT_404: _always(_robot_404()),
        FaultKind.CAPTCHA: _captcha,
        FaultKind.CONSENT_FORM: _always(_consent_form()),
        FaultKind.JAVASCRIPT_STUB: _always(_javascript_stub()),
        FaultKind.HTML_FOR_JSON: _always(reply(200, _page("Welcome", "Hello"), HTML)),
        FaultKind.EMPTY_BODY: _always(reply(200, "", JAVASCRIPT)),
        FaultKind.ERROR_ENVELOPE: _always(error_envelope("itunesId", 200)),
    }
)
