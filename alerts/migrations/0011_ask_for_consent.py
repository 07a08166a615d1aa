import alerts.models.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0010_tell_of_positions'),
    ]

    operations = [
        migrations.AddField(
            model_name='contact',
            name='code_word',
            field=alerts.models.fields.EncryptedTextField(blank=True, db_default='', verbose_name='mot convenu'),
        ),
        migrations.AddField(
            model_name='contact',
            name='may_ring',
            field=models.BooleanField(db_default=False, default=False, verbose_name="peut l'appeler pendant une alerte"),
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=32, unique=True)),
                ('answer', models.CharField(default='awaited', max_length=20, verbose_name='réponse')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('contact', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='consent', to='alerts.contact')),
            ],
            options={
                'verbose_name': "accord d'un proche",
                'verbose_name_plural': 'accords des proches',
                'constraints': [models.CheckConstraint(condition=models.Q(('answer__in', ['accepted', 'awaited', 'declined', 'withdrawn'])), name='consent_answer_known')],
            },
        ),
        migrations.CreateModel(
            name='ConsentToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('drawn_at', models.DateTimeField()),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tokens', to='alerts.consent')),
                ('delivery', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='consent_tokens', to='alerts.delivery')),
            ],
            options={
                'verbose_name': "jeton d'invitation",
                'verbose_name_plural': "jetons d'invitation",
            },
        ),
    ]
