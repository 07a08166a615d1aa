from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0013_advocate_confide_and_forget'),
    ]

    operations = [
        migrations.AlterField(
            model_name='victim',
            name='disguise',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='apparence'),
        ),
    ]
