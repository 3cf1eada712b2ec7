"""WSGI: every ordinary page and the API."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
application = get_wsgi_application()
# every view is loaded now, not in somebody's first request
_ = get_resolver().url_patterns
settle()
