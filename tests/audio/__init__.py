"""Sound behind its ports, and the library for other programs.

What such a library gets wrong easily, and the test that would show it:

- chunks are counted in bytes and not in samples
  tests/audio/test_recorder.py::test_chunks_are_counted_in_samples_and_not_in_bytes
- a recording stays in memory for ever
  tests/audio/test_recorder.py::test_memory_is_bounded_however_long_the_recording
- a pause hands the last chunk out twice
  tests/audio/test_recorder.py::test_pausing_hands_the_last_chunk_out_once
- detailed logging ends the recording
  tests/audio/test_recorder.py::test_debug_logging_does_not_disturb_the_recording
- the size in a WAV file leaves out its sound
  tests/test_wav.py::test_the_size_in_the_header_counts_the_data
- a WAV file is sent as something else
  tests/test_wav.py::test_the_type_of_a_wav_file_is_that_of_wav
- the rest of a block is lost, or leaks into the next track
  tests/audio/test_stream_player.py::test_sound_of_any_length_is_played_whole_and_nothing_leaks_into_the_next_track
- an underrun ends the player, loses what comes meanwhile, or lets positions begin anew
  tests/audio/test_stream_player.py::test_after_an_underrun_it_plays_on_and_counts_on
- an uneven stream is played without a reserve
  tests/audio/test_playback.py::test_a_queue_that_adapts_waits_for_more_after_a_gap_and_then_bridges_it
- an interruption names the track that is written, not the one that is heard
  tests/audio/test_stream_player.py::test_an_interruption_tells_the_track_that_is_heard_and_not_the_one_behind_it
- a microphone of another rate is refused, here or in a browser
  tests/audio/test_recorder.py::test_a_microphone_of_any_rate_is_recorded_at_24_khz
  tests/browser/test_microphone.py::test_what_reaches_the_server_is_what_was_said_at_any_rate
"""
