"""Who gets in: the links, the cookie that they become, and the guards around the application."""
