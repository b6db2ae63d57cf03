"""pytest runs in the service's environment, where Rasa is not: it leaves this folder alone."""

collect_ignore_glob = ["*.py"]
