"""``wence eval``: the project's own sets, put to the running assistant and held to floors."""
