from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JourneyConfig(AppConfig):
    name = "beforehand.journey"
    label = "journey"

    def ready(self) -> None:
        from importlib.util import find_spec

        if find_spec("beforehand.journey.handlers"):
            from importlib import import_module

            import_module("beforehand.journey.handlers")
        post_migrate.connect(install_starter_catalogue, sender=self)


def install_starter_catalogue(**facts: object) -> None:
    """A new record has the stages, the starter names and the ready-made kinds of need from its first moment."""
    from beforehand.journey.catalogue import install_starter
    from beforehand.journey.needs.keeping import install_ready_made

    install_starter()
    install_ready_made()
