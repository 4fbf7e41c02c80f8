"""The actions of the stock assistant."""
