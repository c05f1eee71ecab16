"""Start the console: `python main.py`, or `python main.py --help`."""

import sys

# Spawned children (a native window, say) import this file under another name.
if __name__ == "__main__":
    try:
        from console.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
