"""How the shipped sentence encoder is made, by `make encoder`; the assistant never imports this."""
