"""Sound in the browser: microphone, speaker, push-to-talk and level meters of one session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.sound_settings import Device, SoundSettings, devices_of
from console.app.view_model import SpeakerState

_MAX_REMARKS = 10
_MAX_REMARK_CHARS = 300


@dataclass(frozen=True, slots=True)
class BrowserDevices:
    """What a browser says of its microphones and speakers."""

    inputs: tuple[Device, ...]
    outputs: tuple[Device, ...]
    can_choose_output: bool
    remarks: tuple[str, ...]
    """What is odd about them, in sentences."""


class VoiceIO(ui.element, component="voice_io.js"):
    """Joins the browser's microphone and speaker to the session channel.

    Sound travels on the session channel alone; this element carries no audio. The page marks its
    buttons with attributes, because browsers open microphones and speakers only inside a click,
    and because a mute should not have to wait for an answer of the server:

    - ``data-rc-connect`` on what connects; with ``data-rc-text-only`` no microphone is asked for;
    - ``data-rc-microphone`` on what opens the microphone within a session;
    - ``data-rc-mute=microphone`` and ``data-rc-mute=speaker`` on what mutes and unmutes; the
      server must change the settings as well;
    - ``data-rc-talk`` on the push-to-talk button; while it is held it has ``data-rc-held``.

    The page must serve the folder `assets` at ``/assets``, revalidated on each use.
    """

    def __init__(
        self,
        session_id: str,
        *,
        connect_selector: str = "[data-rc-connect]",
        talk_selector: str = "[data-rc-talk]",
        settings: SoundSettings | None = None,
        on_sound: Callable[[SpeakerState], None] | None = None,
        on_devices: Callable[[BrowserDevices], None] | None = None,
    ) -> None:
        """Make the element.

        Args:
            session_id: The session whose channel it joins.
            connect_selector: CSS selector of the buttons that connect.
            talk_selector: CSS selector of the push-to-talk button.
            settings: What was chosen of microphone and speaker; the defaults if None.
            on_sound: Called when the browser's sound starts, is blocked or cannot be had.
            on_devices: Called when the browser's devices change, or what is odd about them.
        """
        super().__init__()
        ui.add_css(_STYLE)
        self._props["session"] = session_id
        self._props["connect-selector"] = connect_selector
        self._props["talk-selector"] = talk_selector
        self._on_sound = on_sound
        self._on_devices = on_devices
        self.apply(settings or SoundSettings())
        self.on("sound", self._sound_changed)
        self.on("devices", self._devices_changed)

    def apply(self, settings: SoundSettings) -> None:
        """Let microphone and speaker be as chosen, without an interruption of the session."""
        chosen = asdict(settings)
        if self._props.get("sound") != chosen:
            self._props["sound"] = chosen

    def keep_awake(self, is_wanted: bool) -> None:
        """Let the screen stay on, where the browser can, or sleep as usual."""
        if self._props.get("awake", False) != is_wanted:
            self._props["awake"] = is_wanted

    def resume(self) -> None:
        """Ask the browser to sound; it obeys when the user has just clicked."""
        self.run_method("resume")

    def _sound_changed(self, event: GenericEventArguments) -> None:
        if self._on_sound is not None:
            self._on_sound(cast(SpeakerState, event.args["state"]))

    def _devices_changed(self, event: GenericEventArguments) -> None:
        if self._on_devices is None:
            return
        told = event.args
        remarks = [str(each)[:_MAX_REMARK_CHARS] for each in told["remarks"][:_MAX_REMARKS]]
        self._on_devices(
            BrowserDevices(
                inputs=devices_of(told["inputs"]),
                outputs=devices_of(told["outputs"]),
                can_choose_output=told["canChooseOutput"] is True,
                remarks=tuple(remarks),
            )
        )


_STYLE = (Path(__file__).parent / "voice_io.css").read_text(encoding="utf-8")
