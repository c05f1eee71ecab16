"""How the simulator hears and speaks: turn detection, recognition, synthesis."""
