"""What ``make bench`` measures: our stack beside a stock Rasa project, and the search alone."""
