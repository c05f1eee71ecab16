"""The threats that the console stands up to, and the tests that show it.

Trust levels: the owner started the process, a guest has the link, a stranger is on the same network
without it, a web page is open in somebody's browser, a local user has another account on the
machine, the model and the servers may send anything, and so may a file.
"""

from __future__ import annotations

from typing import Final

from tests.tables import Row

_DOOR: Final = "tests/ui/door"
_ENTRANCE: Final = f"{_DOOR}/test_entrance.py"
_TOKEN: Final = f"{_DOOR}/test_token_guard.py"
_CHROMIUM: Final = "tests/browser/test_door.py"
_PROCESS: Final = "tests/integration/test_console_process.py"
_BACKEND: Final = "tests/app/test_backend.py"
_METER: Final = "tests/app/spending/test_meter.py"
_NOBODY_ELSES: Final = "tests/integration/test_nobody_elses.py"
_PEOPLE: Final = "tests/browser/test_people.py"
_CERTIFICATE: Final = "tests/lan/test_certificate.py"
_RELAY: Final = "tests/relay"
_ALLOW_LIST: Final = "tests/integration/test_relay_allow_list.py"
_TEXT: Final = "tests/browser/test_untrusted_text.py"
_EXPORT: Final = "tests/app/test_conversation_export.py"


THREATS: Final = (
    Row(
        "T1",
        "a web page opens a WebSocket to the console",
        (
            f"{_ENTRANCE}::test_no_socket_of_another_origin_opens_though_the_cookie_is_right",
            f"{_ENTRANCE}::test_nothing_is_changed_for_another_origin_though_the_cookie_is_right",
            f"{_DOOR}/test_origin_guard.py::test_a_request_that_the_browser_calls_foreign_is_refused",
            f"{_CHROMIUM}::test_a_page_of_another_origin_opens_and_reads_nothing",
            f"{_CHROMIUM}::test_a_page_on_another_port_of_this_machine_opens_and_reads_nothing",
        ),
    ),
    Row(
        "T2",
        "a web page lets its name point to this machine",
        (
            f"{_ENTRANCE}::test_a_host_that_is_not_ours_is_refused_though_the_cookie_is_right",
            f"{_ENTRANCE}::test_every_name_of_this_machine_is_served",
            f"{_CHROMIUM}::test_a_name_that_was_rebound_to_this_machine_shows_nothing",
        ),
    ),
    Row(
        "T3",
        "somebody who knows the id of a page's client clicks its buttons",
        (
            "tests/ui/test_serve.py::test_who_knows_the_client_of_a_page_but_has_no_cookie_is_kept_out",
            "tests/ui/test_serve.py::"
            "test_who_is_inside_and_knows_the_client_of_a_page_does_not_click_its_buttons",
            f"{_DOOR}/test_page_messages.py::test_nobody_speaks_for_the_page_of_another",
            f"{_DOOR}/test_page_messages.py::test_nobody_opens_the_socket_of_anothers_page_by_its_address",
            f"{_DOOR}/test_page_messages.py::test_nobody_shakes_hands_for_the_page_of_another",
            f"{_ENTRANCE}::test_no_socket_opens_without_the_cookie",
            "tests/test_scrubber.py::test_what_looks_like_a_secret_is_replaced",
        ),
    ),
    Row(
        "T4",
        "a stranger on the network, or another user of the machine, opens the console",
        (
            f"{_ENTRANCE}::test_no_route_mount_or_file_answers_without_the_cookie",
            f"{_ENTRANCE}::test_no_socket_opens_without_the_cookie",
            f"{_DOOR}/test_door.py::test_what_is_not_the_token_opens_nothing",
            f"{_TOKEN}::test_a_wrong_token_opens_nothing_and_is_told_so",
            f"{_TOKEN}::test_a_cookie_that_we_have_not_given_opens_nothing",
            f"{_TOKEN}::test_the_cookie_of_another_port_opens_nothing",
        ),
    ),
    Row(
        "T5",
        "somebody guesses tokens",
        (
            f"{_TOKEN}::test_the_eleventh_wrong_token_is_too_many_and_so_is_the_right_one_then",
            f"{_TOKEN}::test_others_and_those_inside_notice_nothing_of_a_ban",
            f"{_DOOR}/test_rates.py::test_a_ban_is_logged_once",
            f"{_DOOR}/test_rates.py::test_who_was_banned_by_one_console_is_banned_by_all_that_share_a_redis",
            f"{_CHROMIUM}::test_pictures_of_another_site_do_not_lock_our_user_out",
        ),
    ),
    Row(
        "T6",
        "a token stays in a history, a referrer or a screenshot",
        (
            f"{_TOKEN}::test_the_link_becomes_a_cookie_and_leaves_the_address",
            f"{_TOKEN}::test_a_link_for_once_lets_nobody_else_in",
            f"{_CHROMIUM}::test_a_link_leaves_the_address_and_the_cookie_is_not_for_scripts",
        ),
    ),
    Row(
        "T7",
        "a web page frames the console and has its user click on it",
        (
            f"{_CHROMIUM}::test_a_page_of_another_origin_cannot_frame_ours",
            f"{_DOOR}/test_security_headers.py::test_no_page_may_be_framed_and_none_frames",
            f"{_DOOR}/test_security_headers.py::test_only_our_own_page_has_the_microphone_and_nobody_the_rest",
        ),
    ),
    Row(
        "T8",
        "a browser or a guest gets the key",
        (
            f"{_PROCESS}::test_no_key_is_in_any_page_dialog_frame_answer_log_or_file",
            f"{_PROCESS}::test_a_server_that_refuses_and_quotes_the_key_shows_it_to_nobody",
            "tests/app/test_session_key.py::test_a_guest_can_neither_change_the_key_nor_see_anything_of_it",
            "tests/app/test_session_notices.py::"
            "test_a_guest_hears_that_the_hosts_key_was_refused_and_nothing_of_it",
            "tests/ui/panels/test_key.py::test_what_is_typed_goes_to_the_session_and_stays_in_no_element",
            "tests/ui/test_console_session.py::"
            "test_a_typed_key_that_is_refused_can_be_changed_and_neither_is_ever_shown",
            "tests/app/test_key_state.py::test_only_the_ends_of_a_key_are_shown_and_those_only_of_a_long_one",
            "tests/integration/test_spelled_key.py::"
            "test_a_key_that_is_spelled_is_whole_nowhere_on_the_live_page",
            f"{_RELAY}/test_downlink.py::test_the_relays_key_does_not_come_down_in_any_event",
            f"{_RELAY}/test_downlink.py::test_the_relays_key_does_not_come_down_in_pieces",
            f"{_RELAY}/test_downlink.py::"
            "test_the_relays_key_does_not_come_down_in_the_reason_of_a_close",
        ),
    ),
    Row(
        "T9",
        "the key stands in a log, a traceback or an error page",
        (
            f"{_PROCESS}::test_no_key_is_in_any_page_dialog_frame_answer_log_or_file",
            f"{_PROCESS}::test_a_server_that_refuses_and_quotes_the_key_shows_it_to_nobody",
            "tests/client/test_inbox.py::"
            "test_headers_of_ones_own_that_a_server_quotes_are_shown_to_nobody",
            "tests/test_scrubber.py::test_messages_arguments_and_tracebacks_are_cleaned",
            "tests/test_scrubber.py::test_what_nobody_catches_is_told_without_its_secrets",
            f"{_DOOR}/test_failures.py::test_a_visitor_sees_a_number_and_nothing_of_the_failure",
            "tests/test_cli.py::test_an_address_with_a_password_is_no_flag_and_is_never_shown",
            f"{_ENTRANCE}::test_a_failure_while_the_page_is_built_shows_a_number_only",
        ),
    ),
    Row(
        "T10",
        "the key stands in an exported session",
        (
            "tests/app/test_event_export.py::test_no_secret_gets_into_a_file",
            "tests/app/test_conversation_export.py::test_a_key_that_was_said_is_in_no_file",
        ),
    ),
    Row(
        "T11",
        "the key stands on the disk",
        (
            f"{_PROCESS}::test_no_key_is_in_any_page_dialog_frame_answer_log_or_file",
            "tests/test_env_file.py::test_a_key_in_a_file_that_others_can_read_is_warned_of",
            "tests/app/test_system_keyring.py::test_a_system_without_a_keyring_says_so",
            "tests/app/spending/test_ledger.py::test_the_file_is_for_its_owner_alone",
        ),
    ),
    Row(
        "T12",
        "the key goes to another host",
        (
            f"{_BACKEND}::test_the_openai_key_goes_to_openai_and_to_no_other_host",
            f"{_BACKEND}::test_nothing_goes_unencrypted_to_another_machine",
            "tests/test_transport.py::test_a_redirect_is_not_followed_so_that_no_other_host_sees_the_key",
            f"{_BACKEND}::test_azure_is_called_at_its_resource_with_its_own_key",
            "tests/client/test_targets.py::"
            "test_nothing_that_lets_us_in_travels_in_the_clear_to_another_machine",
            "tests/app/test_service_target.py::"
            "test_azure_is_not_asked_unencrypted_and_that_is_said_at_the_start",
            f"{_PROCESS}::test_a_stuck_server_does_not_keep_the_console_from_ending_with_everything_written",
        ),
    ),
    Row(
        "T13",
        "a guest talks all night on the owner's credit",
        (
            f"{_METER}::test_a_limit_warns_once_at_four_fifths_and_ends_the_session_at_all_of_it",
            f"{_METER}::test_an_answer_is_cancelled_when_the_money_runs_out_in_the_middle_of_it",
            f"{_METER}::test_a_huge_usage_ends_all_sessions_of_the_guest_and_nobody_elses",
            f"{_METER}::test_two_sessions_of_one_guest_cannot_both_spend_what_is_left",
            "tests/app/spending/test_answer_costs.py::test_an_answer_that_does_not_say_what_it_cost_counts_as_what_was_seen",
            f"{_METER}::test_a_restart_does_not_begin_anew",
            "tests/app/spending/test_ledger.py::test_the_day_does_not_go_back_with_the_clock",
            "tests/app/spending/test_ledger.py::test_a_process_that_is_killed_has_counted_what_it_added",
            "tests/app/spending/test_idle.py::test_silence_is_warned_of_a_minute_before_it_ends_the_session",
            "tests/app/spending/test_caps.py::test_guests_have_safe_limits_from_the_start",
            "tests/app/spending/test_starts.py::test_a_guest_begins_so_many_sessions_in_an_hour",
            "tests/app/spending/test_starts.py::test_another_browser_of_the_same_address_shares_the_limit_of_the_address",
            "tests/app/spending/test_budget.py::test_what_other_consoles_have_counted_counts_here",
            "tests/app/spending/test_other_consoles.py::test_what_was_counted_without_redis_is_told_when_it_is_back",
        ),
    ),
    Row(
        "T14",
        "a guest of a relay overrides the session",
        (
            f"{_ALLOW_LIST}::test_the_service_receives_what_the_policy_lets_pass_and_nothing_else",
            f"{_RELAY}/test_session.py::test_what_the_policy_keeps_is_set_before_the_client_says_anything",
            f"{_RELAY}/test_visit.py::test_calls_and_other_kinds_of_sessions_are_refused",
            f"{_RELAY}/test_item_rules.py::test_nobody_answers_a_call_of_the_relay_s",
            f"{_RELAY}/test_hidden_items.py::test_hidden_items_are_hidden_by_every_policy",
        ),
    ),
    Row(
        "T15",
        "events are smuggled past a relay",
        (
            f"{_ALLOW_LIST}::test_the_service_receives_what_the_policy_lets_pass_and_nothing_else",
            "tests/serving/test_messages.py::test_what_is_no_event_is_refused",
            "tests/serving/test_messages.py::test_of_a_key_that_is_given_twice_one_value_is_left",
            "tests/integration/test_relay_faults.py::test_binary_from_a_client_ends_its_session",
        ),
    ),
    Row(
        "T16",
        "messages are huge, too many, or bombs of compression",
        (
            "tests/ui/test_serve.py::"
            "test_a_socket_of_the_page_that_sends_what_no_page_does_is_closed_and_told_in_a_line",
            "tests/ui/test_serve.py::test_messages_are_not_compressed",
            "tests/ui/test_serve.py::test_bombs_of_compression_cost_no_memory",
            "tests/ui/test_serve.py::test_a_message_beyond_the_limit_ends_its_socket_only",
            f"{_DOOR}/test_socket_guard.py::test_who_talks_faster_than_any_page_is_cut_off",
            "tests/ui/test_page_line.py::test_a_flood_of_messages_ends_the_line",
            "tests/ui/test_session_channel.py::test_sound_far_beyond_real_time_ends_the_line",
            "tests/ui/test_uploads.py::test_a_file_beyond_the_limit_is_read_no_further",
            "tests/audio/test_sound_file.py::test_a_long_wav_takes_no_memory_for_its_length",
            "tests/audio/test_sound_file.py::"
            "test_a_small_file_that_holds_hours_is_refused_without_unpacking_them",
            "tests/app/test_presses.py::test_no_more_wait_than_are_told_even_if_they_come_at_once",
            f"{_DOOR}/test_traffic_guard.py::test_a_body_that_does_not_say_its_size_is_counted",
            f"{_DOOR}/test_traffic_guard.py::test_a_body_that_says_to_be_too_large_is_not_read",
        ),
    ),
    Row(
        "T17",
        "a browser reads nothing of what it is sent",
        (
            "tests/ui/test_page_line.py::test_a_browser_that_does_not_read_is_sent_away",
            "tests/integration/test_console_load.py::"
            "test_nobody_loses_a_chunk_while_others_talk_stall_and_attack",
            f"{_DOOR}/test_socket_guard.py::test_somebody_who_reads_nothing_does_not_keep_others_from_being_closed",
        ),
    ),
    Row(
        "T18",
        "pages, sockets or connections are asked for without end",
        (
            f"{_ENTRANCE}::test_a_stranger_leaves_nothing_behind",
            f"{_DOOR}/test_traffic_guard.py::test_the_thirty_first_page_of_a_minute_is_not_built",
            f"{_DOOR}/test_socket_guard.py::test_an_address_has_so_many_sockets_and_gets_room_when_one_closes",
            f"{_DOOR}/test_socket_guard.py::test_all_together_have_so_many_sockets",
            f"{_RELAY}/test_strangers.py::test_there_is_no_room_for_more_than_the_policy_allows",
            f"{_RELAY}/test_quotas.py::test_beginnings_count_in_all_workers_together",
            f"{_DOOR}/test_connections.py::test_an_address_has_so_many_and_gets_room_when_one_ends",
            f"{_DOOR}/test_connections.py::test_who_does_not_say_what_they_want_is_cut_off",
            f"{_DOOR}/test_connections.py::test_with_tls_they_are_counted_before_its_handshake",
            f"{_DOOR}/test_connections.py::test_who_never_shakes_hands_is_cut_off_and_forgotten",
            "tests/ui/test_serve.py::test_who_opens_connections_and_says_nothing_takes_them_from_nobody_else",
            f"{_DOOR}/test_server_warnings.py::"
            "test_a_flood_of_what_is_no_request_is_one_line_a_minute_that_counts_it",
        ),
    ),
    Row(
        "T19",
        "text of a model, a tool or a file is taken for markup",
        (
            f"{_TEXT}::test_what_is_said_and_what_tools_answer_is_text",
            f"{_TEXT}::test_event_types_summaries_and_their_json_are_text",
            f"{_TEXT}::test_notices_memory_and_places_are_text",
            f"{_TEXT}::test_the_names_of_files_are_text",
            f"{_EXPORT}::test_markdown_shows_what_was_said_and_executes_none_of_it",
            f"{_EXPORT}::test_no_player_takes_words_of_a_subtitle_for_markup",
            "tests/test_structure.py::test_only_constants_are_ever_markup_or_script",
            "tests/test_structure.py::test_no_script_of_ours_makes_markup_of_text",
            f"{_DOOR}/test_security_headers.py::test_nothing_comes_from_or_goes_elsewhere_but_the_maps_tiles",
        ),
    ),
    Row(
        "T20",
        "text turns directions, moves a terminal's cursor or forges lines of the log",
        (
            f"{_TEXT}::test_what_is_said_and_what_tools_answer_is_text",
            f"{_TEXT}::test_event_types_summaries_and_their_json_are_text",
            "tests/test_scrubber.py::test_nobody_writes_lines_colours_or_directions_into_the_log",
            "tests/ui/test_serve.py::test_a_browser_cannot_forge_lines_of_the_log",
            f"{_EXPORT}::test_no_file_moves_the_cursor_of_a_terminal_or_turns_what_is_read",
        ),
    ),
    Row(
        "T21",
        "the model is talked into calling tools",
        (
            "tests/client/test_tool_calls.py::test_a_model_that_calls_for_ever_is_asked_no_further_until_the_user_is_back",
            "tests/client/test_tool_calls.py::test_more_calls_than_a_turn_may_have_are_refused_in_words_for_the_model",
            "tests/client/test_tool_calls.py::test_an_answer_that_is_too_long_is_cut_and_says_so",
            "tests/client/test_tool_allowance.py::test_a_minute_has_so_many_calls_however_many_turns",
            "tests/tools/test_registry.py::test_arguments_that_do_not_fit_never_reach_the_handler",
            "tests/tools/test_registry.py::test_an_unknown_tool_is_told_with_the_known_ones",
            "tests/app/tool_lab/test_lab.py::test_a_call_waits_until_it_is_approved",
            "tests/app/tool_lab/test_lab.py::test_guests_have_those_of_the_hosts_tools_that_say_so",
        ),
    ),
    Row(
        "T22",
        "a tool's URL leads into the inner network",
        (
            "tests/tools/test_weather.py::test_an_answer_that_is_no_weather_is_told_in_a_sentence",
            "tests/tools/test_weather.py::test_a_place_that_cannot_be_is_refused_before_anyone_is_asked",
            "tests/tools/test_weather.py::test_the_proxy_of_the_environment_is_not_asked",
            "tests/tools/test_weather.py::test_a_service_that_never_answers_is_given_up",
            "tests/tools/test_weather.py::"
            "test_an_answer_that_comes_in_drops_is_given_up_in_the_time_of_a_whole_one",
        ),
    ),
    Row(
        "T23",
        "a name leads out of its directory",
        (
            "tests/ui/test_uploads.py::test_a_file_is_called_by_its_own_name",
            "tests/ui/test_uploads.py::test_a_file_reaches_the_session_and_nothing_of_it_stays",
            f"{_ENTRANCE}::test_no_path_leads_out_of_what_is_served",
            "tests/ui/test_sessions.py::test_a_session_id_cannot_be_guessed",
            "tests/app/spending/test_ledger.py::test_a_link_in_place_of_the_file_is_not_followed",
        ),
    ),
    Row("T24", "an imported recording is a bomb", elsewhere="the recordings"),
    Row("T25", "recordings fill the disk", elsewhere="the recordings"),
    Row("T26", "somebody is recorded without knowing", elsewhere="the recordings"),
    Row(
        "T27",
        "a guest reaches another guest's session",
        (
            f"{_NOBODY_ELSES}::test_nothing_of_a_session_is_anothers_by_any_route_and_any_of_its_ids",
            f"{_NOBODY_ELSES}::test_every_route_is_known_to_this_test",
            f"{_NOBODY_ELSES}::test_no_socket_of_a_session_opens_to_others_by_any_of_its_ids",
            f"{_NOBODY_ELSES}::test_no_page_shows_a_session_to_others_by_any_of_its_ids",
            f"{_NOBODY_ELSES}::test_no_page_of_a_relay_opens_to_anybody_but_the_owner",
            "tests/ui/test_serve.py::"
            "test_who_is_inside_and_knows_all_names_of_a_page_does_not_see_it_nor_load_it_anew",
            "tests/ui/test_sessions.py::test_a_session_is_nobody_elses",
            "tests/ui/test_sessions.py::test_a_tab_that_another_person_opens_has_another_session",
            "tests/ui/test_sessions.py::test_a_watch_link_shows_one_session_to_whoever_has_it",
            "tests/ui/test_watch_channel.py::test_who_watches_and_does_something_is_sent_away",
            "tests/ui/test_people.py::test_a_guest_sees_nobody_and_ends_nothing",
            f"{_PEOPLE}::test_a_session_is_watched_live_by_its_link_and_by_nobody_without",
        ),
    ),
    Row(
        "T28",
        "somebody listens on the network",
        (
            f"{_CERTIFICATE}::test_a_browser_that_trusts_the_authority_accepts_every_name_and_address",
            f"{_CERTIFICATE}::test_a_name_that_was_not_printed_is_not_vouched_for",
            f"{_CERTIFICATE}::test_the_certificate_is_as_browsers_want_it",
            f"{_CERTIFICATE}::test_keys_are_for_this_user_alone",
            f"{_CERTIFICATE}::test_a_key_that_others_could_read_is_not_used_again",
            f"{_CERTIFICATE}::test_it_is_renewed_when_less_than_thirty_days_are_left",
            f"{_CERTIFICATE}::test_a_new_address_is_added_and_the_authority_stays",
            "tests/test_transport.py::test_a_certificate_that_nobody_vouches_for_is_told",
            "tests/browser/test_lan.py::test_a_guest_talks_by_the_link_over_https_on_a_phone",
        ),
    ),
    Row(
        "T29",
        "a session cookie is forged",
        (
            "tests/test_state.py::test_the_secret_is_the_same_at_every_start_and_another_elsewhere",
            f"{_ENTRANCE}::test_a_session_cookie_that_was_changed_is_not_believed",
            f"{_ENTRANCE}::test_the_session_cookie_is_the_ports_own_and_strict",
        ),
    ),
    Row(
        "T30",
        "a dependency turns bad, or a later one breaks us",
        (
            "tests/test_docs.py::test_every_dependency_has_its_reason_in_the_architecture",
            "tests/test_lock.py::test_every_version_has_its_hashes_and_there_is_nothing_else",
            "tests/test_lock.py::test_what_those_ask_for_is_locked_too",
            "tests/test_lock.py::test_the_audit_is_of_the_whole_lock_and_never_passes_unasked",
            "tests/test_lock.py::test_vulnerabilities_are_looked_for_every_day_and_when_the_lock_changes",
            "tests/test_lock.py::test_new_versions_are_proposed_of_everything_that_has_some",
            "tests/test_docs.py::test_every_dependency_has_a_lowest_version_and_one_that_was_never_tried",
            "tests/test_structure.py::test_the_page_fetches_nothing_from_the_internet",
        ),
    ),
    Row(
        "T31",
        "the simulator is reached from elsewhere",
        (
            f"{_BACKEND}::test_the_simulator_of_the_console_is_on_loopback_whatever_the_console_listens_on",
            "tests/simulator/service/test_handshake.py::test_only_loopback_names_are_served",
            "tests/app/test_local_simulator.py::test_a_simulator_for_others_wants_a_key_of_its_own",
        ),
    ),
    Row(
        "T32",
        "headers claim another address",
        (
            f"{_DOOR}/test_peer.py::test_headers_say_nothing_about_the_peer",
            f"{_TOKEN}::test_claims_about_the_peer_do_not_part_the_tries",
            f"{_DOOR}/test_trusted_proxy.py::test_what_others_claim_is_ignored",
            f"{_DOOR}/test_trusted_proxy.py::test_a_visitor_cannot_prepend_somebody_else",
        ),
    ),
)
