# One image for web servers and workers; the command selects the role.
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 SOUNDSCAPES_DATA=/data MEDIA_ROOT=/media
WORKDIR /app
# For `manage.py backup`.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.lock requirements-cuda.lock ./
COPY .ci/install .ci/
RUN PIP_NO_CACHE_DIR=1 python .ci/install requirements.lock
COPY . .
RUN useradd --system soundscapes && install -d -o soundscapes /data /media
USER soundscapes
VOLUME ["/data", "/media"]
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["gunicorn", "config.wsgi", "--config", "config/gunicorn.py", "--bind", "0.0.0.0:8000"]
