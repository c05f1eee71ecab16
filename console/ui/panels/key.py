"""The dialog in which the owner types a key in: it goes to the console and never comes back."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.key_state import KeyAnswer, KeyState
from console.app.system_keyring import INSTALL
from console.key_form import MAX_SERVICE_KEY
from console.ui.page_session import PageSession
from console.ui.panels.copy_field import CopyField
from console.ui.panels.dialog import PageDialog

_FROM: Final = {
    "none": "There is no key: the console talks to its simulator.",
    "settings": "The key comes from the environment or .env: {masked}",
    "typed": "The key was typed in: {masked}",
    "keyring": "The key comes from this system's keyring: {masked}",
}
ABOUT: Final = (
    "A key stays in the console's memory, is shown nowhere, and goes to api.openai.com alone. Every "
    "minute of talk is billed to it."
)
EMPTIED: Final = "The field was emptied: type the key in again."
_SIGN: Final = {
    "done": "check_circle_outline",
    "warning": "warning_amber",
    "error": "error_outline",
}
# The text goes straight from the field to the console. Were it the value of an element, it would be
# part of the page from then on.
_SUBMIT: Final = """(event) => {
  const fields = event.target.elements;
  emit(fields.key.value, fields.keep.checked);
  event.target.reset();
  fields.use.disabled = true;
}"""
_ARM: Final = """(event) => {
  const form = event.currentTarget;
  form.elements.use.disabled = !form.elements.key.value.trim();
  if (form.dataset.said === "true" && event.target === form.elements.key) emit();
}"""


class KeyDialog:
    """A field that can be written and not read, and what may be known of the key."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        self._answer: KeyAnswer | None = None
        """To what this page has asked last, until the dialog is opened again or typed into."""
        self._dialog = PageDialog("OpenAI API key", self._build, name="Key of the OpenAI API")

    def open(self) -> None:
        """Show the dialog."""
        self._answer = None
        self._dialog.open()
        self.refresh()

    def refresh(self) -> None:
        """Show what is known of the key now."""
        if not self._dialog.is_built:
            return
        key = self._session.view.key
        self._state.text = _FROM[key.source].format(masked=key.masked)
        self._show_answer()
        sentence, command, _ = key.keyring_problem.partition(INSTALL)
        self._keyring.text = sentence.rstrip()
        self._keyring.set_visibility(bool(sentence))
        self._install.element.set_visibility(bool(command))
        self._keep.set_visibility(not key.keyring_problem)
        self._forget.set_visibility(_can_be_forgotten(key))

    def _show_answer(self) -> None:
        said, outcome = self._answer or KeyAnswer("")
        is_wrong = outcome == "error"
        self._said_words.text = f"{said} {EMPTIED}" if is_wrong else said
        self._said_sign.name = _SIGN[outcome]
        self._said.props(f"data-outcome={outcome}")
        self._said.set_visibility(bool(said))
        self._form.props(f"data-said={'true' if said else 'false'}")
        self._field.props(f"aria-invalid={'true' if is_wrong else 'false'}")

    def _build(self) -> None:
        ui.label(ABOUT).classes("rc-dialog__about")
        self._state = ui.label()
        with ui.element("form").classes("rc-key__form") as self._form:
            self._form.on("submit.prevent", self._submitted, js_handler=_SUBMIT)
            self._form.on("input", lambda: self._show(None), js_handler=_ARM)
            with ui.element("div").classes("rc-key__row"):
                self._field = (
                    ui.element("input")
                    .classes("rc-key__field")
                    .props(
                        "name=key type=password autocomplete=off spellcheck=false "
                        # One more: what the browser cuts off shall not pass for a key.
                        f"maxlength={MAX_SERVICE_KEY + 1} "
                        'placeholder="sk-..." aria-label=Key data-autofocus '
                        "aria-describedby=rc-key-said"
                    )
                )
                # Not the toolkit's: whether it can be pressed is known to the browser alone.
                with ui.element("button").classes("rc-button") as use:
                    use.props("name=use type=submit disabled")
                    ui.label("Use this key")
            with ui.element("label").classes("rc-key__keep") as self._keep:
                ui.element("input").props("name=keep type=checkbox")
                ui.label("Keep it in this system's keyring")
        with ui.element("div").classes("rc-key__said") as self._said:
            self._said.props("role=status id=rc-key-said")
            self._said_sign = ui.icon(_SIGN["done"]).props("aria-hidden=true")
            self._said_words = ui.label()
        self._keyring = ui.label().classes("rc-dialog__about")
        self._install = CopyField("Command", INSTALL)
        with self._dialog.foot:
            self._forget = ui.button("Forget the key", color=None, on_click=self._forgotten)
            self._forget.props("no-caps outline").classes("rc-button")

    async def _submitted(self, event: GenericEventArguments) -> None:
        text, keep = event.args
        self._show(await self._session.use_key(str(text), keep=keep is True))

    async def _forgotten(self) -> None:
        self._show(await self._session.forget_key())

    def _show(self, answer: KeyAnswer | None) -> None:
        self._answer = answer
        self._show_answer()


def _can_be_forgotten(key: KeyState) -> bool:
    return key.source in ("typed", "keyring") or key.is_stored
