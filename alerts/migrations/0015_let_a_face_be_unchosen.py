from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0014_say_how_her_telephone_stands'),
    ]

    operations = [
        migrations.AlterField(
            model_name='victim',
            name='disguise',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='apparence'),
        ),
    ]
