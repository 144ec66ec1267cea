from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "beforehand.team"
    label = "team"

    def ready(self) -> None:
        from importlib.util import find_spec

        if find_spec("beforehand.team.handlers"):
            from importlib import import_module

            import_module("beforehand.team.handlers")
