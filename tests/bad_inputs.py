"""What the console is given that makes no sense, and the tests that show how that ends.

Each ends in a clear error with nothing lost and memory bounded; what is odd and does no harm is
taken as what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tests.tables import Row

_ENTRANCE: Final = "tests/ui/door/test_entrance.py"
_TOKEN: Final = "tests/ui/door/test_token_guard.py"
_ORIGIN: Final = "tests/ui/door/test_origin_guard.py"
_SERVE: Final = "tests/ui/test_serve.py"
_WIRE: Final = "tests/ui/test_channel_wire.py::test_a_text_frame_that_makes_no_sense_is_refused"
_EVENT: Final = "tests/realtime/test_events.py::test_what_is_no_event_is_refused_in_words"
_ODD: Final = "tests/realtime/test_events.py::test_an_odd_event_is_an_event_and_what_it_says_means_nothing_else"
_TEXT: Final = "tests/browser/test_untrusted_text.py"
_WEATHER: Final = "tests/tools/test_weather.py"
_NO_ADDRESS: Final = "tests/app/test_session_tools.py::test_no_tool_of_the_console_takes_an_address"
_UPLOAD: Final = "tests/ui/test_uploads.py"
_SOUND_FILE: Final = "tests/audio/test_sound_file.py"
_SETTINGS: Final = "tests/test_settings.py"
_BACKEND: Final = "tests/app/test_backend.py"
_STATE: Final = "tests/test_state.py"
_ORIGINS: Final = (
    f"{_ORIGIN}::test_a_socket_of_another_origin_is_refused",
    f"{_ORIGIN}::test_an_unsafe_method_of_another_origin_is_refused",
    f"{_ORIGIN}::test_niceguis_own_channel_is_closed_to_other_origins",
    f"{_ENTRANCE}::test_no_socket_of_another_origin_opens_though_the_cookie_is_right",
)
_HOSTS: Final = (
    f"{_ENTRANCE}::test_a_host_that_is_not_ours_is_refused_though_the_cookie_is_right",
)
_OUR_HOSTS: Final = (f"{_ENTRANCE}::test_every_name_of_this_machine_is_served",)
_RECORDINGS: Final = "the recordings"
_RELAY: Final = (
    "tests/integration/test_relay_allow_list.py"
    "::test_the_service_receives_what_the_policy_lets_pass_and_nothing_else"
)


def _rows() -> Iterator[Row]:
    yield from _door()
    yield from _events()
    yield from _texts_and_addresses()
    yield from _names_and_imports()
    yield from _sound_and_settings()


def _door() -> Iterator[Row]:
    yield Row("D1", "Origin https://evil.example", _ORIGINS)
    yield Row("D2", "Origin null", _ORIGINS)
    yield Row("D3", "an Origin that begins as ours", _ORIGINS)
    yield Row("D4", "an Origin with ours as its user name", _ORIGINS)
    yield Row("D5", "another port of this machine as Origin", _ORIGINS)
    yield Row("D6", "our Origin in capitals", _ORIGINS)
    yield Row("D7", "https for http in the Origin", _ORIGINS)
    yield Row("D8", "two Origin headers", (f"{_ORIGIN}::test_two_origin_headers_are_refused",))
    yield Row(
        "D9",
        "no Origin and no token",
        (
            f"{_ENTRANCE}::test_no_socket_opens_without_the_cookie",
            f"{_ENTRANCE}::test_no_route_mount_or_file_answers_without_the_cookie",
        ),
    )
    yield Row("D10", "Host evil.example", _HOSTS)
    yield Row("D11", "a Host that begins as ours", _HOSTS)
    yield Row("D12", "a Host with ours as its user name", _HOSTS)
    yield Row("D13", "an empty Host", _HOSTS)
    yield Row("D14", "Host localhost with a dot behind it", _HOSTS)
    yield Row("D15", "Host [::1]:8080, which is ours", _OUR_HOSTS)
    yield Row("D16", "our Host with a port that cannot be, which names nobody else", _OUR_HOSTS)
    yield Row("D17", "Host 0.0.0.0", _HOSTS)
    yield Row("D18", "a Host with a path, a query or a fragment", _HOSTS)
    wrong_token = (f"{_TOKEN}::test_a_wrong_token_opens_nothing_and_is_told_so",)
    yield Row("D19", "no token", (f"{_TOKEN}::test_nothing_is_served_without_the_cookie",))
    yield Row("D20", "an empty token", wrong_token)
    yield Row("D21", "the beginning of the token", wrong_token)
    yield Row(
        "D22",
        "a token of 10 MB",
        (
            f"{_TOKEN}::test_an_endless_address_is_refused_before_it_is_read",
            f"{_SERVE}::test_an_endless_address_ends_its_connection_only",
        ),
    )
    yield Row("D23", "a token with NUL or beyond ASCII", wrong_token)
    yield Row(
        "D24",
        "the cookie of another port",
        (f"{_TOKEN}::test_the_cookie_of_another_port_opens_nothing",),
    )
    yield Row(
        "D25",
        "a session cookie that was changed",
        (f"{_ENTRANCE}::test_a_session_cookie_that_was_changed_is_not_believed",),
    )
    yield Row(
        "D26",
        "cookies of 64 KB or malformed",
        (f"{_TOKEN}::test_a_cookie_that_we_have_not_given_opens_nothing",),
    )


def _events() -> Iterator[Row]:
    yield Row(
        "D27",
        "a text frame of 17 MiB",
        (f"{_SERVE}::test_a_message_beyond_the_limit_ends_its_socket_only",),
    )
    yield Row(
        "D28",
        "200 KB that unpack to 200 MB",
        (f"{_SERVE}::test_bombs_of_compression_cost_no_memory",),
    )
    yield Row(
        "D29",
        "frames that break the protocol of WebSockets",
        (f"{_SERVE}::test_frames_that_break_the_protocol_end_their_socket_only",),
    )
    both = (_WIRE, _EVENT)
    yield Row("D30", "an empty message", both)
    yield Row("D31", "white space", both)
    yield Row("D32", "null", both)
    yield Row("D33", "a list for an event, an object for a list", both)
    yield Row("D34", "a text", both)
    yield Row("D35", "JSON that was cut off", both)
    yield Row("D36", "a byte order mark", both)
    yield Row("D37", "100,000 opening brackets", both)
    yield Row(
        "D38",
        "JSON of 900 levels, which could be read and not written again",
        (
            *both,
            "tests/realtime/test_events.py::test_what_is_as_deep_as_may_be_or_long_can_be_written_again",
        ),
    )
    yield Row("D39", "a number of 5000 digits, 1e999, NaN", both)
    yield Row("D40", "half of a surrogate pair", both)
    yield Row("D41", "two types", (_WIRE, _ODD))
    yield Row("D42", "a type that is no name, or an odd one", (*both, _ODD))
    yield Row("D43", "__proto__ and constructor as keys", (_WIRE, _ODD))
    yield Row("D44", "no type", both)
    yield Row("D45", "a client of the relay that sets instructions", (_RELAY,))
    yield Row("D46", "a client of the relay that adds MCP servers", (_RELAY,))


def _texts_and_addresses() -> Iterator[Row]:
    markup = (
        f"{_TEXT}::test_what_is_said_and_what_tools_answer_is_text",
        f"{_TEXT}::test_event_types_summaries_and_their_json_are_text",
        f"{_TEXT}::test_notices_memory_and_places_are_text",
        f"{_TEXT}::test_the_names_of_files_are_text",
    )
    yield Row("D47", "scripts and templates in text", markup)
    yield Row("D48", "pictures, styles, forms and sound of another site in text", markup)
    yield Row(
        "D49",
        "text that turns direction, stacks accents or never ends",
        (*markup, "tests/app/test_event_summary.py::test_a_long_text_is_cut_to_one_line"),
    )
    yield Row(
        "D50",
        "ANSI and line ends in names and in lines of the log",
        (
            "tests/test_scrubber.py::test_nobody_writes_lines_colours_or_directions_into_the_log",
            f"{_UPLOAD}::test_a_file_is_called_by_its_own_name",
            f"{_SERVE}::test_a_browser_cannot_forge_lines_of_the_log",
        ),
    )
    yield Row("D51", "the address of a machine's own metadata for a tool", (_NO_ADDRESS,))
    yield Row("D52", "loopback in all its spellings for a tool", (_NO_ADDRESS,))
    yield Row("D53", "a name that leads into the inner network for a tool", (_NO_ADDRESS,))
    yield Row(
        "D54",
        "a redirect of the weather service to the inner network",
        (f"{_WEATHER}::test_an_answer_that_is_no_weather_is_told_in_a_sentence",),
    )
    yield Row("D55", "file:, gopher: and data: for a tool", (_NO_ADDRESS,))
    yield Row(
        "D56",
        "weather without end, or for a place that cannot be",
        (
            f"{_WEATHER}::test_an_answer_that_is_no_weather_is_told_in_a_sentence",
            f"{_WEATHER}::test_a_service_that_never_answers_is_given_up",
            f"{_WEATHER}::test_an_answer_that_comes_in_drops_is_given_up_in_the_time_of_a_whole_one",
            f"{_WEATHER}::test_a_place_that_the_model_puts_otherwise_than_in_degrees_asks_nobody",
            f"{_WEATHER}::test_a_place_that_cannot_be_is_refused_before_anyone_is_asked",
        ),
    )


def _names_and_imports() -> Iterator[Row]:
    named = (f"{_UPLOAD}::test_a_file_is_called_by_its_own_name",)
    yield Row("D57", "'..' as the name of a file", named)
    yield Row(
        "D58",
        "names that climb, in every spelling",
        (*named, f"{_ENTRANCE}::test_no_path_leads_out_of_what_is_served"),
    )
    yield Row("D59", "names with NUL, of 300 characters, reserved or hidden", named)
    yield Row("D60", "a symbolic link among the recordings", elsewhere=_RECORDINGS)
    yield Row("D61", "an absolute path in an exported archive", elsewhere=_RECORDINGS)
    yield Row(
        "D62",
        "the id of somebody else's session",
        (
            "tests/integration/test_nobody_elses.py::test_nothing_of_a_session_is_anothers_by_any_route_and_any_of_its_ids",
        ),
    )
    for number, what in enumerate(
        (
            "an empty file",
            "one line without an end",
            "a last line that is cut at any byte",
            "rubbish in the middle",
            "no header, or one of the future",
            "a line of 1 GB",
            "five million lines",
            "an archive that is a bomb",
            "tool answers with markup and keys",
            "times that run backwards",
        ),
        start=63,
    ):
        yield Row(f"D{number}", f"a recording: {what}", elsewhere=_RECORDINGS)


def _sound_and_settings() -> Iterator[Row]:
    chunk = "tests/ui/test_channel_wire.py::test_a_binary_frame_that_is_no_chunk_is_refused"
    yield Row(
        "D73",
        "half a sample",
        (
            chunk,
            "tests/ui/test_session_channel.py::test_a_chunk_with_half_a_sample_ends_the_line",
            "tests/client/test_client.py::test_half_a_sample_is_refused_at_once",
        ),
    )
    yield Row(
        "D74",
        "base64 with rubbish",
        (
            "tests/test_pcm.py::test_what_is_not_base64_is_refused",
            "tests/client/test_outbox.py::test_audio_in_a_plain_event_is_counted_or_refused",
        ),
    )
    yield Row(
        "D75",
        "no sound, then a commit",
        (
            "tests/client/test_user_turn.py::test_under_100_ms_are_dropped_in_words_and_nothing_is_asked_for",
        ),
    )
    yield Row(
        "D76",
        "silence, full scale, NaN",
        (
            "tests/test_pcm.py::test_any_float_becomes_a_sample",
            "tests/test_pcm.py::test_floats_outside_are_clipped_and_nan_is_silence",
        ),
    )
    yield Row(
        "D77",
        "sound of 48 kHz that says to be of 24",
        elsewhere="Nothing in the samples tells: it is heard at half its speed, and that is all.",
    )
    yield Row(
        "D78",
        "ten minutes in one message",
        (
            chunk,
            "tests/client/test_client.py::test_no_audio_sends_nothing_and_long_audio_several_events",
        ),
    )
    yield Row(
        "D79",
        "sound far faster than anybody speaks",
        ("tests/ui/test_session_channel.py::test_sound_far_beyond_real_time_ends_the_line",),
    )
    yield Row(
        "D80",
        "a key with line ends, blanks, quotes or letters beyond ASCII",
        (
            f"{_SETTINGS}::test_a_key_that_would_break_a_header_is_refused_without_being_shown",
            "tests/client/test_targets.py::test_a_key_that_no_header_can_carry_is_refused_without_showing_it",
        ),
    )
    yield Row(
        "D81",
        "an empty key, half a key, or that of another service",
        (
            f"{_SETTINGS}::test_an_empty_key_is_no_key",
            f"{_SETTINGS}::test_the_beginning_of_a_key_is_refused_at_the_start",
            f"{_SETTINGS}::test_the_settings_refuse_what_the_field_of_the_page_refuses",
            "tests/app/test_service_key.py::test_what_cannot_be_a_key_is_refused_without_being_shown",
            f"{_BACKEND}::test_the_openai_key_goes_to_openai_and_to_no_other_host",
        ),
    )
    yield Row(
        "D82", "a port that cannot be", (f"{_SETTINGS}::test_a_port_that_cannot_be_is_refused",)
    )
    yield Row(
        "D83",
        "a state directory that cannot be written, or no home",
        (
            f"{_STATE}::test_a_chosen_directory_that_cannot_be_is_named",
            f"{_STATE}::test_without_a_usable_place_a_passing_one_serves_and_that_is_said",
        ),
    )
    yield Row(
        "D84",
        "the address of a server with user names or blanks, or unencrypted to another machine",
        (
            "tests/app/test_service_target.py::test_a_url_that_names_no_host_or_has_blanks_is_refused_at_the_start",
            f"{_BACKEND}::test_nothing_goes_unencrypted_to_another_machine",
            f"{_BACKEND}::test_a_target_that_is_no_websocket_is_refused",
            f"{_SETTINGS}::test_a_service_that_is_no_web_address_is_refused",
        ),
    )


BAD_INPUTS: Final = tuple(_rows())
