import pytest

from console.serving import paths


@pytest.mark.parametrize("path", paths.SESSION_PATHS)
def test_only_the_previews_of_azure_call_a_model_a_deployment(path):
    name = "deployment" if path == "/openai/realtime" else "model"

    assert paths.model_parameter(path) == name
