"""The assistant: Rasa configuration, components, channels, and how it is started."""
