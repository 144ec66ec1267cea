from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("service", "0002_asked_and_mailed")]

    operations = [
        migrations.RemoveIndex(model_name="conversation", name="conv_waiting"),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                fields=["waiting_since", "id", "head", "kept", "category", "snoozed_until", "team", "owner"],
                condition=models.Q(waiting_since__isnull=False),
                name="conv_waiting",
            ),
        ),
    ]
