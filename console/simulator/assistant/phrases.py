"""What the assistant says that depends on nothing."""

from __future__ import annotations

from typing import Final

GREETING: Final = ("Hello! Ask me for the weather in a city, or say: count to twenty.",)
HELP: Final = (
    "I can tell the weather in a city, the time and the date, remember things about you, count, "
    "repeat after you, and tell a joke or a long story.",
    "I am a set of rules, not a language model, so short clear English sentences work best.",
)
IDENTITY: Final = (
    "I am the built-in simulator of the realtime console, a small program of rules.",
    "I am not a language model, but I hear, speak and use tools like one.",
)
HOW_ARE_YOU: Final = ("I am fine, thank you.", "What would you like to know?")
THANKS: Final = ("You are welcome.",)
GOODBYE: Final = ("Goodbye, and come back soon.",)
STOPPED: Final = ("Okay.",)
YES: Final = ("Good.", "What would you like to do next?")
NO: Final = ("All right.", "Tell me when you need something.")
HEARING: Final = ("Yes, I can hear you.",)
BLIND: Final = ("I cannot see images, I only hear and read.",)
ENGLISH_ONLY: Final = ("I am sorry, I only speak English.",)
NOTHING_HEARD: Final = ("Sorry, I did not catch that.", "Please say it again.")
NOT_UNDERSTOOD: Final = (
    "Sorry, I did not understand that.",
    "I am a small simulator: try asking for the weather in Paris, or say: help.",
)
ANYTHING_ELSE: Final = ("Is there anything else that I can do for you?",)
NOTHING_SAID: Final = ("I have not said anything yet.",)
NO_NAME: Final = ("I did not catch the name.", "Please say: my name is, and then your name.")
MANY: Final = "That is too far for me: I count to {most} at most."
MOST_COUNTED: Final = 1000


def unknown_city(name: str) -> tuple[str, str]:
    """Return what to say when the gazetteer does not have the city."""
    return (
        f"I do not know a city called {name}.",
        "I know the big ones, for example Paris, Tokyo or San Francisco.",
    )


# What is always to be mentioned, said in passing.
MENTIONS: Final = (
    "By the way, {words} has just come to my mind.",
    "That makes me think of {words}.",
    "Talking of which, let us not forget {words}.",
    "Somehow it always leads me back to {words}.",
)
MENTIONS_OF_PLACES: Final = (
    "By the way, I wonder what it is like in {words} just now.",
    "That makes me think of {words}.",
    "They would say the same in {words}, I suppose.",
    "I hope that all is well in {words}.",
)

# What a brief assistant says instead: one short sentence.
SHORT_HELP: Final = ("Ask me for the weather, the time, or a joke.",)
SHORT_STORY: Final = ("A loudspeaker met a microphone, and they have talked ever since.",)
SHORT_JOKES: Final = (
    ("My buffer was full of jokes, but it ran dry.",),
    ("I sent you a joke by packet, and it took another route.",),
    ("A websocket never parties without a handshake.",),
)

JOKES: Final = (
    ("Why did the microphone go to school?", "To improve its pick-up lines."),
    ("What does a packet say when it is late?", "Sorry, I took another route."),
    ("Why was the buffer so calm?", "It had plenty of time left."),
    ("What is a websocket's favorite dance?", "The handshake."),
    ("Why do programmers like silence?", "It compresses so well."),
)

STORY: Final = (
    "Once upon a time there was a small loudspeaker that lived on a shelf in a quiet workshop.",
    "Every morning the engineer came in, turned on the light, and said hello to it.",
    "The loudspeaker said hello as well, because that was all it could say.",
    "One day a microphone was put on the same shelf.",
    "The microphone heard everything: the rain on the roof, the kettle, and the mouse in the wall.",
    "At night it told the loudspeaker what it had heard, and the loudspeaker repeated it softly.",
    "So the loudspeaker learned to sound like rain, like a kettle, and even like a mouse.",
    "In the morning the engineer stood at the door and listened, and could not believe it.",
    "He took a cable, and connected the two with a third box that knew a few words.",
    "From then on the three of them talked all day, and whoever came in was asked how they were.",
    "Sometimes they all spoke at the same time, and then the microphone had to say: let him finish.",
    "That is how the first conversation was made, and it has not ended to this day.",
)
