from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "beforehand.web"
    label = "web"

    def ready(self) -> None:
        from importlib.util import find_spec

        if find_spec("beforehand.web.handlers"):
            from importlib import import_module

            import_module("beforehand.web.handlers")
