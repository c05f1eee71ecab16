"""The tool lab of a session: which tools the model has, and what is done when it calls one."""
