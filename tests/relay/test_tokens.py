from console.relay import tokens


def test_tokens_never_repeat_and_their_hash_is_what_a_policy_takes():
    first, second = tokens.new_token(), tokens.new_token()

    assert first != second
    assert first.startswith("ek_")
    assert len(first) > 40
    assert tokens.HASH.fullmatch(tokens.hashed(first))
    assert tokens.hashed(first) != tokens.hashed(second)
