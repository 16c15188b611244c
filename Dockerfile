# syntax=docker/dockerfile:1
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/appwatch
COPY requirements/run.txt requirements/run.txt
RUN /opt/appwatch/bin/pip install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY appwatch appwatch
RUN /opt/appwatch/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
    && /opt/appwatch/bin/pip uninstall --yes editables hatchling pip

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 appwatch \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin appwatch \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=build /opt/appwatch /opt/appwatch
# Everything appwatch writes goes to /data; the root of the file system may be read-only.
# Inside the container all addresses are served, so that a port can be published;
# compose.yaml publishes it to this machine alone.
ENV PATH=/opt/appwatch/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    APPWATCH_WATCHLIST=/config/watchlist.yaml \
    APPWATCH_DATABASE_URL=sqlite:////data/appwatch.db \
    APPWATCH_EVIDENCE_DIR=/data/evidence \
    APPWATCH_WEB_HOST=0.0.0.0 \
    APPWATCH_WEB_PORT=8080 \
    APPWATCH_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['APPWATCH_WEB_PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["appwatch"]
CMD ["run"]
