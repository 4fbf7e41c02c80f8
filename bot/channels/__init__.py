"""The gateway: everything served over HTTP. Rasa's stock channels stay off."""
