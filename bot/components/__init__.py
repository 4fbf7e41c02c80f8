"""Rasa graph components of the NLU pipeline, in the order in which a message meets them (see bot/config.yml)."""
