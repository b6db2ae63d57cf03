"""Tests of what runs inside Rasa. They need Rasa's environment, which has no pytest:

``.venv-rasa/bin/python -m unittest discover -s tests/rasa -t .``
"""
