"""What ``make soak`` is made of: a stream of messages, kills, and the account afterwards."""
