"""Agent assist: listens to both sides of a call and proposes cited answers; the agent decides what is said."""
