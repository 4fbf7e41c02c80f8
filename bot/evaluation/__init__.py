"""Evaluation: questions with known topics, put to the really trained bot, measured and reported."""
