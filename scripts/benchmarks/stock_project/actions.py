"""The one custom action of the stock project that the benchmark compares with."""

from rasa_sdk import Action

__all__ = ["ActionHello"]


class ActionHello(Action):
    """Says a fixed sentence: the cheapest action there can be."""

    def name(self):
        """The action's name in domain.yml."""
        return "action_hello"

    def run(self, dispatcher, tracker, domain):
        """Say it."""
        dispatcher.utter_message(text="Hello from the action server.")
        return []
