"""Rasa custom actions: read the tracker, ask the library, say one Reply."""
