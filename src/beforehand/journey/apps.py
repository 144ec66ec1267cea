from django.apps import AppConfig


class JourneyConfig(AppConfig):
    name = "beforehand.journey"
    label = "journey"

    def ready(self) -> None:
        from importlib.util import find_spec

        if find_spec("beforehand.journey.handlers"):
            from importlib import import_module

            import_module("beforehand.journey.handlers")
