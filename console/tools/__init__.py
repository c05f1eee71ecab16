"""Tools that a model may call: the registry, the weather and the memory."""
