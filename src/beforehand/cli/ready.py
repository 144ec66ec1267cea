"""Every command that touches data calls `ready()` first, so that one command is enough on an empty folder."""


def ready() -> None:
    """Start Django and bring the record to this version's shape: a new data folder becomes usable."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
