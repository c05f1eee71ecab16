from console.simulator.intents import Think
from tests.simulator.session_driver import Driver, kinds, only


def test_one_response_of_the_conversation_goes_on_at_a_time():
    driver = Driver()
    driver.begin("One.", limit=1)

    code, param, _ = driver.error("response.create")
    assert (code, param) == ("conversation_already_has_active_response", None)
    driver.work()
    assert kinds(driver.respond("Two."))[0] == "response.created"


def test_a_response_that_waits_for_words_is_asked_for_once():
    driver = Driver()
    driver.manual()
    driver.work()
    driver.append()
    driver.send("input_audio_buffer.commit")
    driver.says.append("hello")
    driver.send("response.create")
    before = [each for each in driver.waiting if isinstance(each, Think)]
    driver.work(limit=1)  # the recogniser
    asked = [each for each in driver.waiting if isinstance(each, Think)]

    assert before == []
    assert len(asked) == 1


def test_a_cancelled_response_makes_room_for_the_next():
    driver = Driver()
    driver.begin("One.", limit=1)
    driver.send("response.cancel")

    done = only(driver.respond("Two."), "response.done")
    assert done["response"]["status"] == "completed"
