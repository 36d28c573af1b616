"""``python -m producer.dead_letters``: the command line of the dead letters."""

from producer.dead_letters.commands import app

app(prog_name="python -m producer.dead_letters")
