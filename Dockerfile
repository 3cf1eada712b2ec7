# One image, four commands (Procfile): web, sse, worker, beat.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
# `--build-arg EXTRAS=1` adds what only some installations need, such as Stripe
ARG EXTRAS=
COPY requirements/runtime.txt requirements/extras.txt requirements/
RUN pip install --requirement requirements/runtime.txt ${EXTRAS:+--requirement requirements/extras.txt}
COPY . .
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        test ! -e "$po" || pybabel --quiet compile --input-file "$po" --output-file "${po%.po}.mo" || exit 1; \
    done \
    && SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(50))") \
       DJANGO_SETTINGS_MODULE=config.settings.production python manage.py collectstatic --no-input --verbosity 0

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore for `manage.py backup` and `restore`; the same major version as docker-compose.yml's server
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin comeback
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    BIND=0.0.0.0
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# code stays root's; only what the processes write is theirs
RUN mkdir -p var/media var/backup var/gateway && chown -R comeback var
USER comeback
EXPOSE 8000 8001
VOLUME ["/app/var/media", "/app/var/backup"]
CMD ["python", "bin/serve.py", "web"]
