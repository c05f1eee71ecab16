import unicodedata

import orjson
import pytest

from console.app import conversation_export
from console.app.conversation_export import FORMS, Said, export
from console.app.item_view import CallOutcome, Known, failed_answer, view_of
from console.app.turn import ItemSpan
from console.realtime.items import ContentPart, Item

HOSTILE = "<img src=x onerror=alert(1)> [click](javascript:alert(2)) ![](http://evil.example/x)"


def said(role="user", text="Hello", span=None, known=None, **fields):
    item = Item("i", "message", role, "completed", content=[ContentPart("input_text", text=text)])
    for name, value in fields.items():
        setattr(item, name, value)
    return Said(view_of(item, known or Known()), item, span)


def call(**fields):
    item = Item("f", "function_call", name="get_weather", call_id="c", arguments='{"a": "*b*"}')
    outcome = CallOutcome(**fields)
    return Said(view_of(item, Known(outcome)), item, ItemSpan(3_000))


def cut(text="one two three four"):
    part = ContentPart("output_audio", transcript=text, heard_ms=500)
    part.received_bytes = 48_000
    item = Item("a", "message", "assistant", "completed", content=[part])
    return Said(view_of(item, Known()), item, ItemSpan(61_000, 61_500))


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_conversation_is_a_file_all_the_same(form):
    assert isinstance(export([], form), bytes)


@pytest.mark.parametrize("form", ["md", "txt", "json"])
def test_an_answer_that_failed_is_told_in_its_place(form):
    failed = Said(failed_answer("resp_1", "The answer failed: no beds"), None, None)

    text = export([said(), failed], form).decode()

    assert text.index("Hello") < text.index("The answer failed") < text.index("no beds")
    assert "assistant" in text


def test_a_failure_is_nothing_to_read_in_subtitles():
    failed = Said(failed_answer("resp_1", "The answer failed: no beds"), None, ItemSpan(0, 1))

    assert export([failed], "srt") == b""


def test_there_are_no_other_forms():
    with pytest.raises(KeyError):
        export([], "exe")


def test_markdown_shows_what_was_said_and_executes_none_of_it():
    text = export([said(text=HOSTILE)], "md").decode()

    assert "\\<img src\\=x onerror\\=alert\\(1\\)\\>" in text
    assert "\\[click\\]\\(javascript\\:alert\\(2\\)\\)" in text
    assert "\\!\\[\\]\\(http\\:" in text


@pytest.mark.parametrize(
    "line",
    [
        "# Title",
        "> quoted",
        "- item",
        "1. item",
        "    code",
        "---",
        "```",
        "| a | b |",
        "***",
        "~~x~~",
    ],
)
def test_no_line_of_markdown_begins_anything(line):
    text = export([said(text=f"before\n{line}\nafter")], "md").decode()

    shown = text.splitlines()[text.splitlines().index("before  ") + 1]
    assert shown.strip() == "code" or shown.startswith(("\\", "1\\"))


def test_text_names_who_said_what_when():
    told = [said(span=ItemSpan(1_200)), said("assistant", "Hi\nAda", ItemSpan(3_723_000))]

    assert export(told, "txt").decode() == (
        "user (00:01):\n  Hello\n\nassistant (1:02:03):\n  Hi\n  Ada\n"
    )


def test_what_was_not_heard_is_told_apart():
    text = export([cut()], "txt").decode()

    assert text == "assistant (01:01):\n  one two three [interrupted] (not heard: four)\n"


def test_calls_notes_and_pictures_are_told():
    picture = ContentPart("input_image", image_url="data:image/png;base64,AAAA")
    asked = said(text="See", content=[ContentPart("input_text", text="See"), picture])
    failed = said(text="", content=[ContentPart("input_audio", transcription="failed")])

    text = export(
        [asked, call(output='{"t": 19}'), call(error="No such city."), failed], "txt"
    ).decode()

    assert "  See\n  [picture]\n" in text
    assert 'tool (00:03):\n  get_weather({"a": "*b*"})\n  -> {"t": 19}\n' in text
    assert "  [No such city.]\n" in text
    assert "[Transcription failed: no reason given]" in text


def test_what_is_outside_the_conversation_says_so():
    assert export([said(is_out_of_band=True)], "txt").decode().startswith("user, out of band:")


def test_subtitles_lie_on_the_time_of_the_session():
    told = [cut(), said("user", "Hello", ItemSpan(400, 1_300)), call(), said(text="No time")]

    assert export(told, "srt").decode() == (
        "1\n00:00:00,400 --> 00:00:01,300\nuser: Hello\n\n"
        "2\n00:01:01,000 --> 00:01:01,500\nassistant: one two three\n"
    )


def test_subtitles_of_what_is_only_written_stay_as_long_as_it_takes_to_read():
    text = export([said(text="x" * 20, span=ItemSpan(1_000))], "srt").decode()

    assert "00:00:01,000 --> 00:00:02,100" in text


def test_a_subtitle_ends_where_it_should_whatever_was_said():
    text = export(
        [said(text="one\n\n2\n00:00:01,000 --> 9\ntwo", span=ItemSpan(0, 100))], "srt"
    ).decode()

    assert text == "1\n00:00:00,000 --> 00:00:00,500\nuser: one\n2\n00:00:01,000 --\uff1e 9\ntwo\n"


UNSEEN = "\x00\x07\x1b[31m\x7f\x85\x9b2J\u202egnp.exe\u2066\u2069\u061c"


@pytest.mark.parametrize("form", FORMS)
def test_no_file_moves_the_cursor_of_a_terminal_or_turns_what_is_read(form):
    told = [said(text=f"red: {UNSEEN}", span=ItemSpan(0)), call(output=UNSEEN, error=UNSEEN)]

    written = export(told, form).decode()

    assert not set(written) & (set(UNSEEN) - set("[31m2Jgnp.exe"))
    assert "gnp" in written


def test_json_has_them_all_the_same_for_who_reads_it():
    (item,) = orjson.loads(export([said(text=UNSEEN)], "json"))["items"]

    assert item["text"] == UNSEEN


@pytest.mark.parametrize("form", FORMS)
def test_what_joins_and_parts_letters_stays(form):
    family = "\N{MAN}\u200d\N{WOMAN} \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"

    assert family in export([said(text=family, span=ItemSpan(0))], form).decode()


def test_no_player_takes_words_of_a_subtitle_for_markup():
    words = "<b>bold</b> <font color=red> {\\an8}{y:i} 1 < 2 \\N"

    text = export([said(text=words, span=ItemSpan(0, 900))], "srt").decode()

    spoken = text.partition("user: ")[2].rstrip("\n")
    assert not set(spoken) & set("<>{}\\")
    assert unicodedata.normalize("NFKC", spoken) == words


def test_json_has_everything_that_is_known_of_an_item():
    picture = ContentPart("input_image", image_url="data:image/png;base64,AAAA")
    elsewhere = ContentPart("input_image", image_url="https://example.org/a.png")
    shown = said(text="", content=[picture, elsewhere])

    found = orjson.loads(export([cut(), shown, call(duration_ms=12.5)], "json"))

    assert found["format"] == 1
    first, second, third = found["items"]
    assert (first["text"], first["heard_characters"], first["heard_ms"]) == (
        "one two three four",
        13,
        500,
    )
    assert (first["began_ms"], first["ended_ms"]) == (61_000.0, 61_500.0)
    assert second["images"] == [
        {"media_type": "image/png", "size_bytes": 3},
        {"url": "https://example.org/a.png"},
    ]
    assert (third["name"], third["duration_ms"]) == ("get_weather", 12.5)


@pytest.mark.parametrize("form", FORMS)
def test_a_key_that_was_said_is_in_no_file(form):
    told = [said(text='My key is "sk-proj-abcdefghijklmnop".', span=ItemSpan(0))]

    written = export(told, form).decode()

    assert "abcdefghijklmnop" not in written
    assert "proj" not in written
    if form == "json":
        orjson.loads(written)


@pytest.mark.parametrize("form", FORMS)
def test_a_key_that_was_cut_off_while_it_was_said_is_in_no_file(form):
    written = export([cut("My key is sk-proj-abcdefghijklmnop thanks")], form).decode()

    assert "ghij" not in written


def test_every_form_says_what_it_is():
    assert {form: kind for form, (kind, _) in conversation_export.FORMS.items()} == {
        "md": "text/markdown",
        "txt": "text/plain",
        "srt": "application/x-subrip",
        "json": "application/json",
    }
