"""Set-up of a clone: tools, environments, model.

Standard library only and Python 3.8 or later, because it runs before any
environment of the project exists.
"""
