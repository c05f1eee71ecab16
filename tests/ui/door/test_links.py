from console.ui.door.links import Link


def test_a_link_is_an_address_with_its_token():
    link = Link("a", "guest", "s3cret-_token")

    assert link.at("https://192.0.2.7:8443/") == "https://192.0.2.7:8443/?token=s3cret-_token"
    assert link.at("http://[::1]:80", "/watch/x") == "http://[::1]:80/watch/x?token=s3cret-_token"


def test_a_token_that_was_chosen_may_have_any_character():
    assert Link("a", "owner", "a&b=c d#e+f/ä").at("") == "/?token=a%26b%3Dc+d%23e%2Bf%2F%C3%A4"


def test_what_is_shown_of_a_link_in_a_log_opens_nothing():
    assert "s3cret" not in repr(Link("a", "guest", "s3cret"))
