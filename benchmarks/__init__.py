"""What can be measured and repeated: speed, memory, start."""
