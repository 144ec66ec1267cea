from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "beforehand.channels"
    label = "channels"

    def ready(self) -> None:
        if find_spec("beforehand.channels.handlers"):
            import_module("beforehand.channels.handlers")
