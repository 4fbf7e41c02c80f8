"""Rasa input channels of our own; Rasa's stock channels stay off."""
