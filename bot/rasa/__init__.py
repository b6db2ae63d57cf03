"""What runs inside Rasa's own environment (Python 3.10): channel, tracker store, components.

Nothing here is imported by the service, and nothing here imports the service:
only :mod:`bot.policies.query` is shared.
"""
