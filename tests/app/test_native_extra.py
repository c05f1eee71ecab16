from console.app import native_extra


def test_the_extra_is_there_when_its_package_is(monkeypatch):
    monkeypatch.setattr(native_extra, "PACKAGE", "json")
    assert native_extra.is_available()

    monkeypatch.setattr(native_extra, "PACKAGE", "a_package_that_is_absent")
    assert not native_extra.is_available()
