"""Where the service has its sessions: OpenAI's paths and Azure's."""

from __future__ import annotations

from typing import Final

PATH: Final = "/v1/realtime"
TRANSLATION_PATH: Final = f"{PATH}/translations"
AZURE_PATH: Final = "/openai/v1/realtime"
AZURE_PREVIEW_PATH: Final = "/openai/realtime"
"""Those who come here speak beta unasked."""
SESSION_PATHS: Final = (PATH, TRANSLATION_PATH, AZURE_PATH, AZURE_PREVIEW_PATH)


def model_parameter(path: str) -> str:
    """Return the name under which the query of a session's path says the model."""
    return "deployment" if path == AZURE_PREVIEW_PATH else "model"
