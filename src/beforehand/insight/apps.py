from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "beforehand.insight"
    label = "insight"

    def ready(self) -> None:
        from importlib.util import find_spec

        if find_spec("beforehand.insight.handlers"):
            from importlib import import_module

            import_module("beforehand.insight.handlers")
