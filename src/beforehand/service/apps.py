from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_migrate


class ServiceConfig(AppConfig):
    name = "beforehand.service"
    label = "service"

    def ready(self) -> None:
        if find_spec("beforehand.service.handlers"):
            import_module("beforehand.service.handlers")
        from beforehand.service import palette  # noqa: F401
        from beforehand.service.acts import pushing
        from beforehand.service.search import searching

        post_migrate.connect(install_statuses, sender=self)
        post_migrate.connect(searching.install, sender=self)
        user_logged_out.connect(pushing.logged_out)


def install_statuses(**facts: object) -> None:
    """A new desk has one status of each category from its first moment."""
    from beforehand.service.models import Status

    Status.install()
