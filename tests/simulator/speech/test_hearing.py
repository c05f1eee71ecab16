import asyncio

from console import pcm
from console.simulator.senses import SpeechStarted, SpeechStopped
from console.simulator.speech.hearing import Hearing
from console.simulator.speech.vad import SileroTurnDetector
from tests import speech
from tests.simulator.fake_senses import FakeSenses


class RealDetectors(FakeSenses):
    def new_detector(self):
        return SileroTurnDetector()


async def heard_by(hearing, detector, audio):
    size = 40 * pcm.BYTES_PER_MS
    found = []
    for at in range(0, len(audio), size):
        found += await hearing.run(detector.push, audio[at : at + size])
    return found


async def test_several_are_heard_at_once_as_each_would_be_alone():
    hearing, senses = Hearing(), RealDetectors()
    spoken = [speech.turn("tell me a joke"), speech.turn("what time is it in Tokyo")]
    detectors = [hearing.new_detector(senses) for _ in spoken]
    together = await asyncio.gather(
        *(
            heard_by(hearing, detector, audio)
            for detector, audio in zip(detectors, spoken, strict=True)
        )
    )
    for detector in detectors:
        hearing.let_go(detector)
    hearing.close()

    assert together == [SileroTurnDetector().push(audio) for audio in spoken]
    assert [type(each) for each in together[0]] == [SpeechStarted, SpeechStopped]


async def test_detectors_of_another_kind_are_run_as_they_are():
    hearing, senses = Hearing(), FakeSenses()
    detector = hearing.new_detector(senses)
    found = await hearing.run(detector.push, bytes(640))
    hearing.let_go(detector)
    hearing.close()
    hearing.close()

    assert found == []
    assert hearing._process._process is None
