"""What is known, and finding it: content, encoder, index, search, checklists, replies.

Knows nothing of Rasa or of any channel.
"""
