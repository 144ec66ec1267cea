"""An empty record gets its tables in one go.

Migrating from nothing builds every table as it once was and changes it step by step until it is as it is now; with the
many models of many rooms that takes seconds. What comes of it is the same: a test compares tables, indexes and rows.
"""


def is_empty() -> bool:
    from django.db import connection

    return not connection.introspection.table_names()


def make() -> None:
    """Tables as the models say, every migration noted as applied, and what Django keeps about models."""
    from django.apps import apps
    from django.core.management.sql import emit_post_migrate_signal
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    executor.recorder.ensure_schema()
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        for migration, _backwards in plan:
            executor.recorder.record_applied(migration.app_label, migration.name)
    with transaction.atomic():
        emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
