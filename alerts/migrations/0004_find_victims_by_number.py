from django.db import migrations

from alerts.models.fields import digest


def find_victims_by_number(apps, schema_editor):
    """Numbers already stored get the digest by which a text from her phone finds her."""
    victims = apps.get_model("alerts", "Victim")
    for victim in victims.objects.exclude(phone_number="").only("pk", "phone_number"):
        victims.objects.filter(pk=victim.pk).update(phone_digest=digest("number", victim.phone_number))


class Migration(migrations.Migration):

    dependencies = [("alerts", "0003_keep_timers_findings_and_costs")]

    operations = [migrations.RunPython(find_victims_by_number, migrations.RunPython.noop)]
