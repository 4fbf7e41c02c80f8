"""What a person says about somebody, read from their words: patterns as data, and the passes that join them."""
