from console.app.session_state import InForce, SessionState, in_force, n_different, short


def compared(requested, effective, own_tools=()):
    return in_force(SessionState(requested=requested, effective=effective, own_tools=own_tools))


def test_each_field_is_told_beside_what_was_asked_for():
    told = compared(
        {"instructions": "Be brief.", "audio": {"output": {"speed": 1.2, "voice": "marin"}}},
        {"instructions": "Be brief.", "audio": {"output": {"speed": 1.0, "voice": "marin"}}},
    )

    assert told == {
        ("instructions",): InForce("Be brief.", True),
        ("audio", "output", "speed"): InForce("1.0", False),
        ("audio", "output", "voice"): InForce("marin", True),
    }
    assert n_different(told) == 1


def test_what_nobody_asked_for_is_told_and_differs_from_nothing():
    told = compared({}, {"max_output_tokens": "inf", "prompt": None})

    assert told == {("max_output_tokens",): InForce("inf", None)}
    assert n_different(told) == 0


def test_a_part_that_is_there_on_one_side_alone_differs_as_a_whole():
    detection = {"type": "server_vad"}

    assert compared({"d": None}, {"d": detection}) == {("d",): InForce(short(detection), False)}
    assert compared({"d": detection}, {"d": None}) == {("d",): InForce("null", False)}


def test_the_consoles_own_tools_are_no_difference():
    tool = {"type": "function", "name": "mine"}
    effective = {"tools": [{"type": "function", "name": "get_weather"}, tool]}

    assert compared({"tools": [tool]}, effective, ("get_weather",))[("tools",)].agrees
    assert compared({"tools": []}, effective, ("get_weather",))[("tools",)].agrees is False


def test_a_long_value_is_told_by_its_beginning():
    assert short("one\n two") == "one two"
    assert short("") == "empty"
    assert short(None) == "null"
    assert short("x" * 200) == "x" * 80 + "..."
