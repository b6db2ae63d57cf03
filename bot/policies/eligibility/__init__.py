"""Programmes as data and the machine that judges them: pure, no text is ever executed."""
