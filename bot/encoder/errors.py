"""What can go wrong while the encoder is made."""


class EncoderBuildError(Exception):
    """The artefact cannot be made; the text is one line that says why and what to do."""
