"""Microphones and speakers behind two ports, and what of the sound was heard."""
