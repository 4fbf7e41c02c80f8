"""What a person says about somebody in Chinese: the passes whose grammar differs from that of English."""
