"""What goes wrong: what is said, what is kept, and the tests of it.

F1 to F21 happen to the client, but for F14 and F16; the rest to the page and the process.
"""

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


_CLIENT: Final = "tests/integration/test_client_faults.py"
_MICROPHONE: Final = "tests/browser/test_microphone.py"
_WATCH: Final = "tests/app/test_microphone_watch.py"
_VOICE: Final = "tests/browser/test_voice_io.py"
_TALKING: Final = "tests/browser/test_talking.py"
_SESSIONS: Final = "tests/ui/test_sessions.py"
_SESSION_WATCH: Final = "tests/client/test_session_watch.py"
_TOOLS: Final = "tests/client/test_tool_calls.py"
_REGISTRY: Final = "tests/tools/test_registry.py"
_PROCESS: Final = "tests/integration/test_console_process.py"
_TYPING: Final = (
    "tests/ui/panels/test_notices.py::test_going_on_by_typing_connects_without_a_microphone"
)
_ACTIONS: Final = "tests/ui/panels/test_actions.py"
_SESSION_AND_TEXT: Final = "the session and typing"
_RECORDINGS: Final = "the recordings"

FAULTS: Final = (
    Fault(
        "F1",
        "the line drops in the middle of an answer",
        (f"{_CLIENT}::test_f1_a_line_dropped_mid_response_keeps_the_partial_answer_and_goes_on",),
        sentence="that the connection was lost, which attempt this is, and that the answer was cut off",
        kept="the partial answer, the conversation, the configuration",
    ),
    Fault(
        "F2",
        "the line is half open: nothing comes any more",
        (f"{_CLIENT}::test_f2_a_half_open_line_is_found_by_pings_even_while_sound_is_sent",),
        sentence="that the connection was lost, within 20 s",
        kept="the conversation; sound of the gap is not sent late",
    ),
    Fault(
        "F3",
        "the server's name cannot be found, or there is no network",
        (
            f"{_CLIENT}::test_f3_a_host_that_cannot_be_found_is_tried_three_times_at_the_start",
            f"{_CLIENT}::test_f3_a_network_that_comes_back_during_the_attempts_is_used",
            f"{_CLIENT}::test_f3_no_network_while_reconnecting_is_tried_until_it_is_back",
        ),
        sentence="that the host cannot be found, and to check the network",
        kept="settings and text; Retry",
    ),
    Fault(
        "F4",
        "the key is refused",
        (
            f"{_CLIENT}::test_f4_a_key_that_is_refused_is_tried_once_and_never_shown",
            f"{_CLIENT}::test_f4_a_key_that_is_refused_in_the_handshake_is_tried_once",
        ),
        sentence="that the key was refused; never the key",
        kept="everything but the session",
    ),
    Fault(
        "F5",
        "the key may not use the model, or the region is not served",
        (
            f"{_CLIENT}::test_f5_a_key_that_may_not_use_the_model_or_is_of_another_region_is_tried_once",
        ),
        sentence="what is not allowed",
        kept="everything but the session",
    ),
    Fault(
        "F6",
        "too many requests, or an account without credit",
        (
            f"{_CLIENT}::test_f6_a_rate_limit_is_waited_for_and_an_empty_account_is_not",
            f"{_CLIENT}::test_f6_a_rate_limit_that_stays_is_given_up_after_three_attempts",
        ),
        sentence="how long is waited, or that the account is empty",
        kept="the attempts go on, or end at once",
    ),
    Fault(
        "F7",
        "the server is in trouble at the handshake",
        (f"{_CLIENT}::test_f7_trouble_of_the_server_is_tried_five_times",),
        sentence="that it is in trouble, with the status",
        kept="up to five attempts",
    ),
    Fault(
        "F8",
        "no certificate that anybody vouches for, or a page in the server's place",
        (
            f"{_CLIENT}::test_f8_a_web_page_in_place_of_the_server_is_named_and_tried_once",
            f"{_CLIENT}::test_f8_a_certificate_that_nobody_vouches_for_is_named_and_tried_once",
        ),
        sentence="what answered instead",
        kept="everything but the session",
    ),
    Fault(
        "F9",
        "messages that are no events",
        (
            f"{_CLIENT}::test_f9_a_few_messages_that_are_no_events_are_counted_and_the_session_goes_on",
            f"{_CLIENT}::test_f9_ten_messages_in_a_row_that_are_no_events_end_the_line",
            f"{_CLIENT}::test_f9_text_that_is_no_utf8_ends_the_line_and_not_the_session",
        ),
        sentence="how many and why they are unusable",
        kept="the session, up to ten in a row",
    ),
    Fault(
        "F10",
        "events and fields that nobody knows",
        (f"{_CLIENT}::test_f10_events_and_fields_that_nobody_knows_are_told_and_change_nothing",),
        sentence="nothing; they stand in the event list",
        kept="the events, as they came",
    ),
    Fault(
        "F11",
        "events out of order, twice, late or missing",
        (
            f"{_CLIENT}::test_f11_closing_events_that_are_missing_or_late_leave_the_conversation_whole",
        ),
        sentence="nothing",
        kept="the conversation's order and text",
    ),
    Fault(
        "F12",
        "the server reports a mistake of ours",
        (
            f"{_CLIENT}::test_f12_a_mistake_is_told_with_the_event_that_caused_it_and_the_session_goes_on",
        ),
        sentence="its message, and the event that caused it",
        kept="the session",
    ),
    Fault(
        "F13",
        "a message of the server is too large",
        (
            f"{_CLIENT}::test_f13_a_message_that_is_too_large_is_risked_once_more_and_then_it_is_over",
        ),
        sentence="that it was too large",
        kept="the conversation; the line is tried once more",
    ),
    Fault(
        "F14",
        "a message of a browser is too large",
        (
            "tests/ui/test_serve.py::test_a_message_beyond_the_limit_ends_its_socket_only",
            "tests/ui/test_session_channel.py::test_rubbish_ends_the_line_with_a_reason",
        ),
        sentence="close code 1009 to its sender, with the limit",
        kept="everybody else's sessions, and the sender's own",
    ),
    Fault(
        "F15",
        "the network is too slow for the microphone",
        (f"{_CLIENT}::test_f15_a_network_that_is_too_slow_costs_old_sound_and_says_how_much",),
        sentence="how much sound was left out",
        kept="the newest sound",
    ),
    Fault(
        "F16",
        "a browser reads too slowly",
        (
            "tests/ui/test_page_line.py::test_a_browser_that_does_not_read_is_sent_away",
            "tests/integration/test_console_load.py::"
            "test_nobody_loses_a_chunk_while_others_talk_stall_and_attack",
        ),
        sentence="close code 1013, that it has not read for 5 s",
        kept="the session: the page comes back to it",
    ),
    Fault(
        "F17",
        "the server closes with 1000",
        (f"{_CLIENT}::test_f17_a_server_that_closes_with_1000_has_ended_the_session",),
        sentence="that the server has ended the session",
        kept="the conversation",
    ),
    Fault(
        "F18",
        "the server goes away",
        (f"{_CLIENT}::test_f18_a_server_that_goes_away_is_called_again",),
        sentence="which attempt this is",
        kept="the conversation",
    ),
    Fault(
        "F19",
        "the server closes for its policy",
        (f"{_CLIENT}::test_f19_a_close_by_policy_ends_it_with_the_reason",),
        sentence="its reason",
        kept="the conversation",
    ),
    Fault(
        "F20",
        "the server closes in trouble, or to restart",
        (f"{_CLIENT}::test_f20_a_server_in_trouble_or_restarting_is_called_again",),
        sentence="which attempt this is",
        kept="the conversation",
    ),
    Fault(
        "F21",
        "the session is at its time limit",
        (f"{_CLIENT}::test_f21_a_session_at_its_time_limit_is_carried_over_in_every_phase",),
        sentence="that it was carried over, and that sound is lost",
        kept="the conversation as text",
    ),
    Fault(
        "F22",
        "the user denies the microphone",
        (
            f"{_TALKING}::test_a_refused_microphone_is_said_in_one_sentence",
            f"{_WATCH}::test_every_trouble_has_words_of_its_own",
            f"{_WATCH}::test_a_denied_microphone_says_where_to_allow_it",
            _TYPING,
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
            "tests/ui/panels/test_insecure.py::"
            "test_behind_a_proxy_of_http_the_way_is_the_proxys_https",
            _TYPING,
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
            "tests/app/test_event_view.py::test_a_page_that_has_forgotten_is_told_again",
            "tests/browser/test_people.py::test_a_tab_that_is_reloaded_in_an_answer_goes_on_with_its_session",
            "tests/ui/test_browser_audio.py::test_a_new_page_is_sent_what_the_old_one_was_not_heard_to_play",
        ),
        sentence="none is needed",
        kept="the session, with all that was said; the answer is heard from where it broke off",
    ),
    Fault(
        "F30",
        "one user opens two tabs",
        (
            "tests/browser/test_people.py::test_two_tabs_agree_who_has_the_microphone",
            "tests/app/test_microphone_lease.py::test_a_second_session_is_refused_until_the_first_has_done",
            "tests/app/test_microphone_lease.py::test_taking_over_ends_the_other_with_a_sentence",
            "tests/app/test_microphone_lease.py::test_who_lost_it_is_told_once_when_nobody_has_it_any_more",
            "tests/app/test_spoken_turns.py::"
            "test_a_microphone_that_another_tab_gives_back_can_be_used_here_by_one_click",
            "tests/app/test_spoken_turns.py::"
            "test_a_microphone_that_is_given_back_before_its_loss_is_told_can_be_used_here",
        ),
        sentence="that another tab has the microphone, with a button that takes it over; that it is free",
        kept="both sessions",
    ),
    Fault(
        "F31",
        "the machine sleeps and wakes",
        (
            f"{_SESSION_WATCH}::test_after_the_machine_slept_the_line_is_tried_with_little_patience",
            f"{_SESSION_WATCH}::test_a_line_that_is_dead_after_the_machine_slept_is_told_once",
            f"{_SESSION_WATCH}::test_what_the_machine_slept_through_counts_for_a_session_that_outlived_it",
            "tests/client/test_lifeline.py::"
            "test_after_the_machine_slept_a_dead_line_is_found_and_restored",
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
            "tests/app/test_live_conversation.py::test_a_tool_that_fails_is_shown_and_the_conversation_goes_on",
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
            "tests/app/test_live_conversation.py::test_speech_during_an_answer_truncates_what_was_being_heard_where_it_was_heard",
            "tests/client/test_interruption.py::test_no_more_is_truncated_than_was_received",
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
            "tests/ui/test_plain_end.py::test_what_is_cut_off_is_one_plain_line",
            "tests/ui/test_ending.py::"
            "test_everything_ends_at_the_signal_and_the_server_is_not_waited_for",
            "tests/ui/test_ending.py::"
            "test_the_process_ends_by_itself_when_what_has_to_end_does_not",
            "tests/ui/test_socket_end.py::"
            "test_who_was_sent_away_before_and_has_not_read_that_is_not_waited_for",
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
            "tests/ui/test_listening.py::test_a_port_that_this_user_may_not_open_is_named",
            "tests/ui/test_listening.py::test_an_address_of_another_machine_is_named",
        ),
        sentence="Port 8080 is in use. Try --port 8081. Or: it may not be opened by this user.",
        kept="whatever uses it",
    ),
    Fault(
        "F45",
        "a file of settings or state is damaged",
        (
            "tests/test_env_file.py::test_a_settings_file_that_would_be_half_read_is_refused",
            "tests/test_state.py::test_a_secret_that_was_spoilt_is_put_aside_and_made_anew",
            "tests/test_cli.py::test_a_pipe_in_place_of_a_file_keeps_no_start_waiting",
            "tests/app/spending/test_ledger.py::test_a_damaged_counter_is_put_aside_and_that_is_said",
            "tests/app/test_kept_memory.py::test_a_file_that_is_no_memory_is_left_as_it_is",
            "tests/lan/test_certificate.py::test_a_broken_file_is_replaced_and_said",
            "tests/ui/test_preferences.py::test_panes_that_cannot_be_used_give_the_defaults",
        ),
        sentence="which file, what is wrong with it, and what became of it",
        kept="the damaged file, put aside or left, unless nothing but a certificate was in it",
    ),
    Fault(
        "F46",
        "the page sends more than a message may have",
        (
            "tests/ui/test_serve.py::test_a_message_beyond_the_limit_ends_its_socket_only",
            "tests/app/test_controller.py::test_a_message_that_is_too_long_is_refused_with_the_limit",
            f"{_ACTIONS}::test_a_text_that_is_too_long_is_not_put_in_in_part_and_the_limit_is_told",
            f"{_ACTIONS}::test_what_was_typed_is_in_the_box_again_if_it_could_not_be_sent",
            "tests/browser/test_whole_text.py"
            "::test_what_does_not_fit_is_not_put_in_and_both_numbers_are_told",
        ),
        sentence="how long a message may be",
        kept="what was typed, the session, and the sockets of others",
    ),
)
