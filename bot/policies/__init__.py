"""The domain: clauses, search over them, validity, answers. No Rasa, no HTTP, no database."""
