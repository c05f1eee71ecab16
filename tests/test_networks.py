import pytest

from console.networks import networks_in


def test_networks_and_single_addresses_are_told_in_one_form():
    assert networks_in(" 10.0.0.0/24, fd00:0::/8,192.168.1.1 ") == (
        "10.0.0.0/24,fd00::/8,192.168.1.1/32"
    )


@pytest.mark.parametrize("text", ["", ",", "10.0.0.0/33", "proxy"])
def test_what_is_no_network_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"network such as 10\.0\.0\.0/24"):
        networks_in(text)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0"])
def test_everybody_is_no_network(text):
    with pytest.raises(ValueError, match="is everybody"):
        networks_in(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10.0.0.1/24", "10.0.0.0/24, or 10.0.0.1 alone"),
        ("127.0.0.1,10.1.2.3/8", "10.0.0.0/8, or 10.1.2.3 alone"),
        ("fd00::7/64", "fd00::/64, or fd00::7 alone"),
    ],
)
def test_an_address_with_the_length_of_a_network_is_not_guessed_at(text, meant):
    with pytest.raises(ValueError, match=rf"did you mean {meant}\?"):
        networks_in(text)
