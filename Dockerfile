# One image for web servers and workers on amd64 and arm64; the command selects the role.
# deploy/build has the steps.
FROM python:3.12-slim AS requirements
WORKDIR /app
COPY requirements.lock requirements-cuda.lock ./
COPY .ci/install .ci/
COPY deploy/build deploy/
RUN deploy/build requirements /opt/venv

FROM python:3.12-slim
WORKDIR /app
COPY deploy/build deploy/
RUN deploy/build system
COPY --from=requirements /opt/venv /opt/venv
COPY . .
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SOUNDSCAPES_DATA=/data MEDIA_ROOT=/data/media
USER 900
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=300s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["sh", "-c", "python manage.py setup && exec python manage.py start --host 0.0.0.0"]
