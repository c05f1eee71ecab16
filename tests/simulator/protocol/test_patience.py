from console.simulator.protocol.patience import WENT_ON_MS, Patience


def turn(patience, ended_ms, pause_ms):
    """End a turn; the speaker begins again after a pause."""
    patience.turn_ended(ended_ms)
    patience.speech_began(ended_ms + pause_ms)


def test_a_new_speaker_gets_the_shortest_wait():
    patience = Patience()
    patience.speech_began(100)

    assert patience.wait_ms(700, 4000) == 700


def test_a_speaker_who_goes_on_is_waited_for_longer():
    patience = Patience()
    turn(patience, 2000, 300)
    once = patience.wait_ms(700, 4000)
    turn(patience, 4000, 300)

    assert 700 < once < patience.wait_ms(700, 4000)


def test_the_wait_stays_below_its_limit_and_comes_back():
    patience = Patience()
    for at in range(20):
        turn(patience, at * 5000, 200)
    assert patience.wait_ms(700, 4000) == 4000

    for at in range(20, 50):
        turn(patience, at * 5000, WENT_ON_MS)
    assert patience.wait_ms(700, 4000) == 700


def test_a_fixed_wait_learns_nothing():
    patience = Patience()
    turn(patience, 2000, 100)

    assert patience.wait_ms(500, None) == 500


def test_one_turn_teaches_once():
    patience = Patience()
    turn(patience, 2000, 100)
    wait_ms = patience.wait_ms(700, 4000)

    patience.speech_began(2200)
    assert patience.wait_ms(700, 4000) == wait_ms
