from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "beforehand.customers"
    label = "customers"

    def ready(self) -> None:
        from importlib.util import find_spec

        if find_spec("beforehand.customers.handlers"):
            from importlib import import_module

            import_module("beforehand.customers.handlers")
