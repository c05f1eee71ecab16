import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.faults import Faults


def test_faults_are_read_from_text():
    faults = Faults.parse(
        "refuse=429, retry_after=2, close_after=3,close_code=4000,close_reason=enough of it,"
        "expire_after=60,late_deltas,fail_response=insufficient_quota"
    )

    assert faults == Faults(
        refuse_status=429,
        retry_after_s=2,
        close_after=3,
        close_code=4000,
        close_reason="enough of it",
        expire_after_s=60,
        late_deltas=True,
        fail_response="insufficient_quota",
    )


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_no_text_means_no_faults(text):
    assert Faults.parse(text) == Faults()
    assert not Faults.parse(text)
    assert Faults.parse(text).text() == ""


def test_any_fault_counts_as_some():
    assert Faults(late_deltas=True)
    assert Faults(drop_after=0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("explode", "There is no fault 'explode'. The faults are: times, refuse,"),
        ("refuse_status=401", "no fault 'refuse_status'"),
        ("drop_after", "needs a whole number, as in drop_after=0"),
        ("drop_after=", "whole number"),
        ("drop_after=-1", "whole number"),
        ("drop_after=1.5", "whole number"),
        ("drop_after=²", "whole number"),
        ("drop_after=9999999", "from 0 to 1000000"),
        ("refuse=200", "from 400 to 599, not 200"),
        ("expire_after=3601", "from 0 to 3600"),
        ("drop_after=-1", "from 0 to 1000000, not -1"),
        ("refuse=503 times=2", "by commas: write refuse=503,times=2"),
        ("late_deltas=yes", "takes no value; write late_deltas alone"),
        ("close_code=1006", "cannot be closed with 1006; to end it without a code use drop_after"),
        ("close_code=2000", "cannot be closed with 2000"),
        ("close_reason=" + "ä" * 62, "at most 123 bytes"),
        ("close_reason", "needs a text"),
        ("fail_response=", "needs an error code"),
        ("late_deltas,late_deltas", "given twice"),
    ],
)
def test_a_text_that_makes_no_sense_is_refused_in_a_sentence(text, words):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        Faults.parse(text)

    assert words in str(caught.value)


COUNTS = st.integers(0, 1_000_000)
SOME_FAULTS = st.fixed_dictionaries(
    {},
    optional={
        "times": st.integers(1, 9),
        "refuse_status": st.integers(400, 599),
        "drop_after": COUNTS,
        "stall_after": COUNTS,
        "close_code": st.sampled_from([1000, 1001, 1011, 1013, 3000, 4000, 4999]),
        "close_reason": st.from_regex(r"\A[a-z](?:[a-z =.]{0,50}[a-z])?\Z"),
        "slow_ms": st.integers(0, 3_600_000),
        "expire_after_s": st.integers(0, 3600),
        "missing_closers": st.booleans(),
        "fail_response": st.sampled_from(["insufficient_quota", "rate_limit_exceeded"]),
        "null_event_id": st.booleans(),
    },
)


@given(SOME_FAULTS)
def test_the_text_of_faults_is_read_back_as_the_same(values):
    faults = Faults(**values)

    assert Faults.parse(faults.text()) == faults


def test_every_fault_has_a_name_in_the_text():
    with pytest.raises(ValueError, match="There is no fault") as caught:
        Faults.parse("?")
    names = str(caught.value).partition("are: ")[2].removesuffix(".").split(", ")

    assert len(names) == len(dataclasses.fields(Faults))
