import json

from console.realtime.refusal import Refusal
from console.serving import answers


def test_a_status_that_nobody_knows_has_no_words():
    assert (answers.phrase(404), answers.phrase(599)) == ("Not Found", "")


def test_an_error_has_the_service_s_shape():
    refusal = Refusal("No.", code="no", param="session.voice")

    answer = answers.error(403, refusal, [("Retry-After", "1")])

    told = {
        "message": "No.",
        "type": "invalid_request_error",
        "param": "session.voice",
        "code": "no",
    }
    assert json.loads(answer.body) == {"error": told}
    assert (answer.status_code, answer.headers["Retry-After"]) == (403, "1")
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_a_text_is_no_page_whatever_it_holds():
    answer = answers.text(200, "<script>")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
