"""Alerts to those who want them: by webhook and e-mail, again and again until they have them."""
