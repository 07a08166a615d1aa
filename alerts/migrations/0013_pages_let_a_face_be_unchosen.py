from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0012_keep_accounts_safe'),
    ]

    operations = [
        migrations.AlterField(
            model_name='victim',
            name='disguise',
            field=models.CharField(blank=True, default='', max_length=20, verbose_name='apparence'),
        ),
    ]
