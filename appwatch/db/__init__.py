"""The only place that speaks SQL: tables, engine, migrations, what is recorded and asked."""
