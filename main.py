"""Start the console: `python main.py`, or `python main.py --help`."""

from console.cli import main

# Spawned children (speech workers, a native window) import this file under another name.
if __name__ == "__main__":
    main()
