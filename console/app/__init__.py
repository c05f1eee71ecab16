"""What the console does, free of any user-interface toolkit."""
