"""The two applications behind one port: the collector's paths go to a bare ASGI application, the rest to Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beforehand.settings")

from django.core.asgi import get_asgi_application

application = get_asgi_application()
