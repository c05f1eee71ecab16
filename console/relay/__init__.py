"""Between applications and the service: holds the key, judges every event, carries the rest."""
