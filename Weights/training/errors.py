"""The one kind of error that the commands report as a sentence instead of a traceback."""


class TrainingError(Exception):
    """Something that the user can put right; the message names the file, what was expected and what was found."""
