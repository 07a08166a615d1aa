import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0011_ask_for_consent'),
        ('responders', '0003_name_units'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConsentVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('browser_hash', models.CharField(db_index=True, max_length=64)),
                ('opened_at', models.DateTimeField()),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='alerts.consent')),
            ],
            options={
                'verbose_name': "visite de la page d'accord",
                'verbose_name_plural': "visites de la page d'accord",
                'constraints': [models.UniqueConstraint(fields=('consent', 'browser_hash'), name='consent_visit_once')],
            },
        ),
    ]
