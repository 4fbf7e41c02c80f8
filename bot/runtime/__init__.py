"""How Rasa is started: lean imports, actions in the process, one encoder for all."""
