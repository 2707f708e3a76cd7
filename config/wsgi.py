"""WSGI application for servers such as gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Import all views before gunicorn forks and freezes what lives forever. Otherwise each process
# imports them at its first page, and a collection after an upload takes 50 ms instead of 7.
get_resolver().url_patterns  # noqa: B018
