"""The database of the platform: schema, migrations, roles, retention."""
