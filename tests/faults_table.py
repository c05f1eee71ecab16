"""What goes wrong around the page and the process: what is said, what is kept, and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.tables import Row


@dataclass(frozen=True, slots=True)
class Fault(Row):
    """One row: what happens, and how it ends."""

    sentence: str = ""
    """What is said about it: the words themselves, or of what they speak."""
    kept: str = ""
    """What is not lost."""


_MICROPHONE: Final = "tests/browser/test_microphone.py"
_WATCH: Final = "tests/app/test_microphone_watch.py"
_VOICE: Final = "tests/browser/test_voice_io.py"
_TALKING: Final = "tests/browser/test_talking.py"
_SESSIONS: Final = "tests/ui/test_sessions.py"
_SESSION_WATCH: Final = "tests/client/test_session_watch.py"
_TOOLS: Final = "tests/client/test_tool_calls.py"
_REGISTRY: Final = "tests/tools/test_registry.py"
_PROCESS: Final = "tests/integration/test_console_process.py"
_SESSION_AND_TEXT: Final = "the session and typing"
_RECORDINGS: Final = "the recordings"

FAULTS: Final = (
    Fault(
        "F22",
        "the user denies the microphone",
        (
            f"{_TALKING}::test_a_refused_microphone_is_said_in_one_sentence",
            f"{_WATCH}::test_every_trouble_has_words_of_its_own",
            f"{_MICROPHONE}::test_every_refusal_has_a_state_of_its_own",
        ),
        sentence="that it is blocked, and where in the browser to allow it",
        kept="typing; nothing asks again by itself",
    ),
    Fault(
        "F23",
        "the page came by http from another machine",
        (
            "tests/ui/panels/test_insecure.py::test_pages_of_http_from_another_machine_are_insecure",
            "tests/ui/panels/test_insecure.py::test_the_line_says_what_is_missing_why_and_the_way",
            f"{_MICROPHONE}::test_an_insecure_page_is_told_so",
        ),
        sentence="what is missing, why, and how the console is started for it, above the page",
        kept="typing and reading",
    ),
    Fault(
        "F24",
        "there is no microphone, it is busy or unfit, or the question stays open",
        (
            f"{_MICROPHONE}::test_every_refusal_has_a_state_of_its_own",
            f"{_MICROPHONE}::test_a_question_that_nobody_answers_is_told_and_may_be_answered_later",
            f"{_MICROPHONE}::test_a_chosen_microphone_that_is_not_there_is_replaced_and_told",
            f"{_WATCH}::test_a_question_that_stays_open_can_be_given_up",
        ),
        sentence="one for each cause",
        kept=_SESSION_AND_TEXT,
    ),
    Fault(
        "F25",
        "the microphone is unplugged or muted while it is heard",
        (
            f"{_MICROPHONE}::test_a_microphone_that_is_unplugged_is_told_and_one_click_brings_it_back",
            f"{_MICROPHONE}::test_a_microphone_that_the_system_mutes_is_told_and_heard_again",
            "tests/app/test_spoken_turns.py::test_a_microphone_that_goes_away_is_told_and_typing_goes_on",
            "tests/app/test_spoken_turns.py::test_a_microphone_that_came_back_is_heard_again_by_one_click",
        ),
        sentence="that it is gone, with a button that takes it up again",
        kept="the session, and what was said so far",
    ),
    Fault(
        "F26",
        "the browser plays nothing until a click, or the speaker is gone",
        (
            f"{_VOICE}::test_the_browser_asks_for_a_click_when_it_may_not_sound",
            f"{_VOICE}::test_an_answer_is_heard_whole_though_it_came_before_the_click",
            "tests/app/test_controller.py::test_a_speaker_that_waits_for_a_click_is_told_until_it_sounds",
            "tests/app/test_controller.py::test_without_a_speaker_the_answers_are_read",
            "tests/ui/test_session_channel.py::test_sound_is_held_back_while_the_browser_has_a_minute_of_it",
        ),
        sentence="The browser plays no sound until you click: click anywhere on this page to hear.",
        kept="the text, and a minute of sound in the browser with the rest behind it",
    ),
    Fault(
        "F27",
        "the machine has no sound of its own",
        (
            "tests/app/test_local_sound.py::test_without_portaudio_the_browsers_sound_is_used_and_a_sentence_says_how_to_get_it",
            "tests/app/test_local_sound.py::test_without_devices_the_browsers_sound_is_used_and_a_sentence_says_so",
            f"{_SESSIONS}::test_without_local_sound_a_session_has_the_browsers_and_a_sentence_says_why",
        ),
        sentence="what is missing and that the browser's sound is used",
        kept="everything",
    ),
    Fault(
        "F28",
        "the tab is closed in the middle of an answer",
        (
            f"{_SESSIONS}::test_a_tab_that_was_closed_in_an_answer_cancels_it_and_ends_the_session_after_a_while",
            f"{_SESSIONS}::test_coming_back_in_time_keeps_the_session",
            "tests/ui/test_session_channel.py::test_losing_the_browser_releases_the_button",
        ),
        sentence="nobody is there to read one",
        kept="the session for 30 s; then the answer is cancelled and the line closed with 1000",
    ),
    Fault(
        "F29",
        "the page is reloaded",
        (
            f"{_SESSIONS}::test_a_tab_finds_its_session_again_and_another_tab_has_another",
            "tests/ui/test_page_line.py::test_rows_and_conversation_come_after_the_welcome",
            "tests/ui/test_page_line.py::test_a_browser_that_comes_back_gets_what_it_missed",
            "tests/browser/test_people.py::test_a_tab_that_is_reloaded_in_an_answer_goes_on_with_its_session",
        ),
        sentence="none is needed",
        kept="the session, with all that was said",
    ),
    Fault(
        "F30",
        "one user opens two tabs",
        (
            "tests/browser/test_people.py::test_two_tabs_agree_who_has_the_microphone",
            "tests/app/test_microphone_lease.py::test_a_second_session_is_refused_until_the_first_has_done",
            "tests/app/test_microphone_lease.py::test_taking_over_ends_the_other_with_a_sentence",
        ),
        sentence="that another tab has the microphone, with a button that takes it over",
        kept="both sessions",
    ),
    Fault(
        "F31",
        "the machine sleeps and wakes",
        (
            f"{_SESSION_WATCH}::test_after_the_machine_slept_the_line_is_tried_with_little_patience",
            f"{_SESSION_WATCH}::test_a_line_that_is_dead_after_the_machine_slept_is_told_once",
            f"{_SESSION_WATCH}::test_what_the_machine_slept_through_counts_for_a_session_that_outlived_it",
        ),
        sentence="that the line was lost and is being restored, if it was",
        kept="the conversation",
    ),
    Fault(
        "F32",
        "somebody sets the clock",
        (
            f"{_SESSION_WATCH}::test_a_wall_clock_that_jumps_by_a_day_moves_no_session_and_warns_of_no_end",
            f"{_SESSION_WATCH}::test_a_wall_clock_that_was_set_a_little_is_no_sleep",
            "tests/app/spending/test_meter.py::test_a_clock_that_jumps_changes_no_minutes_and_no_day_back",
            "tests/app/spending/test_ledger.py::test_the_day_does_not_go_back_with_the_clock",
            "tests/app/spending/test_ledger.py::test_a_counter_that_is_years_ahead_of_the_clock_says_so_and_how_to_begin_anew",
        ),
        sentence="none, unless the counter was years ahead: then how to begin it anew",
        kept="the session, and what was spent",
    ),
    Fault(
        "F33",
        "a tool fails",
        (
            f"{_TOOLS}::test_a_call_that_fails_becomes_an_error_for_the_model_and_a_line_in_the_log",
            f"{_TOOLS}::test_a_failure_is_told_to_the_model_in_short",
            "tests/app/test_controller.py::test_a_tool_that_fails_is_shown_and_the_conversation_goes_on",
        ),
        sentence="the tool's own, to the model in short and in the conversation",
        kept="the conversation",
    ),
    Fault(
        "F34",
        "a tool hangs",
        (
            f"{_REGISTRY}::test_a_handler_that_hangs_is_given_up",
            f"{_REGISTRY}::test_what_a_given_up_thread_answers_later_is_dropped",
            f"{_TOOLS}::test_a_handler_that_blocks_does_not_stop_the_event_loop",
            f"{_TOOLS}::test_an_answer_that_comes_after_the_session_is_not_sent_to_the_next",
        ),
        sentence="that it did not answer within its time",
        kept="the conversation",
    ),
    Fault(
        "F35",
        "the model's arguments make no sense",
        (
            f"{_REGISTRY}::test_arguments_that_do_not_fit_never_reach_the_handler",
            f"{_TOOLS}::test_a_call_that_fails_becomes_an_error_for_the_model_and_a_line_in_the_log",
        ),
        sentence="which argument should be what, to the model",
        kept="the conversation",
    ),
    Fault(
        "F36",
        "a tool that nobody knows is called, or one call is told twice, or a thousand are",
        (
            f"{_REGISTRY}::test_an_unknown_tool_is_told_with_the_known_ones",
            f"{_TOOLS}::test_a_call_is_answered_once_however_often_it_is_told",
            f"{_TOOLS}::test_calls_of_a_response_that_was_cut_short_are_not_run",
            f"{_TOOLS}::test_each_of_a_thousand_calls_is_answered_before_a_response_is_asked_for",
        ),
        sentence="that there is no such tool and which there are, to the model",
        kept="the conversation",
    ),
    Fault(
        "F37",
        "the user speaks while an answer sounds",
        (
            "tests/app/test_controller.py::test_speech_during_an_answer_truncates_what_was_being_heard_where_it_was_heard",
            "tests/client/test_client.py::test_no_more_is_truncated_than_was_received",
            "tests/browser/test_playback.py::test_an_interruption_is_rendered_within_a_fade_and_told_to_the_sample",
        ),
        sentence="how much of the answer was heard, at the answer",
        kept="what was heard",
    ),
    Fault("F38", "the disk is full while recording", elsewhere=_RECORDINGS),
    Fault("F39", "the disk is slow while recording", elsewhere=_RECORDINGS),
    Fault(
        "F40",
        "the process is told to end while a connection is stuck",
        (
            f"{_PROCESS}::test_a_stuck_server_does_not_keep_the_console_from_ending_with_everything_written",
            f"{_TALKING}::test_the_console_ends_within_six_seconds_while_somebody_is_connected",
            f"{_TALKING}::test_a_console_that_has_gone_is_not_called_connected",
        ),
        sentence="that the console is gone, on the page",
        kept="what was spent",
    ),
    Fault("F41", "the process is killed while recording", elsewhere=_RECORDINGS),
    Fault(
        "F42",
        "a handler of the page fails",
        (
            "tests/ui/test_mishaps.py::test_a_handler_that_fails_is_told_by_its_number_and_the_page_goes_on",
            "tests/ui/test_mishaps.py::test_the_pages_of_others_hear_nothing_of_it",
        ),
        sentence="that something went wrong, with the number under which the log has it",
        kept="the page, the session, and those of others",
    ),
    Fault(
        "F43",
        "something holds the event loop up",
        (
            "tests/app/test_stall_watch.py::test_a_loop_that_is_held_up_is_told_once_with_who_holds_it",
            "tests/app/test_stall_watch.py::test_a_loop_that_runs_is_not_told_of",
        ),
        sentence="for how long, and the code that holds it, in the log",
        kept="everything, later",
    ),
    Fault(
        "F44",
        "the port is taken, or may not be used",
        (
            "tests/ui/test_listening.py::test_a_port_in_use_is_named_with_the_next",
            "tests/test_cli.py::test_a_port_in_use_is_named_with_the_next_one",
            "tests/ui/test_listening.py::test_an_address_of_another_machine_is_named",
        ),
        sentence="Port 8080 is in use. Try --port 8081.",
        kept="whatever uses it",
    ),
    Fault(
        "F45",
        "a file of settings or state is damaged",
        (
            "tests/test_settings.py::test_a_settings_file_that_would_be_half_read_is_refused",
            "tests/test_state.py::test_a_secret_that_was_spoilt_is_made_anew",
            "tests/app/spending/test_ledger.py::test_a_damaged_counter_is_put_aside_and_that_is_said",
            "tests/lan/test_certificate.py::test_a_broken_file_is_replaced_and_said",
            "tests/ui/test_preferences.py::test_panes_that_cannot_be_used_give_the_defaults",
        ),
        sentence="which file, what is wrong with it, and what became of it",
        kept="the damaged file, put aside",
    ),
    Fault(
        "F46",
        "the page sends more than a message may have",
        (
            "tests/ui/test_serve.py::test_a_message_beyond_the_limit_ends_its_socket_only",
            "tests/app/test_controller.py::test_a_message_that_is_too_long_is_refused_with_the_limit",
        ),
        sentence="how long a message may be",
        kept="what was typed, the session, and the sockets of others",
    ),
)
