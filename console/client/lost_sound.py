"""What the user said and the server has not heard because the line was lost: counted and told."""

from __future__ import annotations

from collections.abc import Callable

from console.client.configuration import Configuration
from console.client.input_audio import MIN_COMMIT_MS


class LostSound:
    """Counts from one line to the next. Less than a turn needs is not worth a word."""

    def __init__(self, configuration: Configuration, report: Callable[[str], None]) -> None:
        """Begin with nothing lost.

        Args:
            configuration: Says who ends a turn: where it is the user, all sound is speech that
                was meant to be heard; elsewhere the microphone is open in silence too.
            report: Tells a sentence at once.
        """
        self._configuration = configuration
        self._report = report
        self.clear()

    def clear(self) -> None:
        """Forget all: a first session is being begun."""
        self._with_line_ms = 0.0
        self._without_line_ms = 0.0

    def went_with_line(self, pending_ms: float) -> None:
        """Tell, as a line has ended, what was said of a turn that the user has not ended yet."""
        if pending_ms >= MIN_COMMIT_MS:
            self._with_line_ms += pending_ms
            self._report(
                f"{_seconds(pending_ms)} of speech was lost. Say it again when the line is back."
            )

    def dropped(self, duration_ms: float) -> None:
        """Count what came while there was no line."""
        self._without_line_ms += duration_ms

    def told(self) -> str:
        """Return, for a line that is back, how much was not heard; "" if that is nothing.

        What was said while there was no line has not been reported yet.
        """
        lost_ms, without_line_ms = self._with_line_ms + self._without_line_ms, self._without_line_ms
        self.clear()
        if lost_ms < MIN_COMMIT_MS:
            return ""
        is_pushed = self._configuration.turn_detection_type is None
        what = "speech was lost" if is_pushed else "sound was not heard"
        sentence = f"{_seconds(lost_ms)} of {what}."
        if is_pushed and without_line_ms:
            self._report(f"{sentence} Say it again.")
        return sentence


def _seconds(duration_ms: float) -> str:
    return f"{duration_ms / 1000:.1f} s"
