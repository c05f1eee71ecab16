"""Start the console: `python main.py`, or `python main.py --help`."""

# Spawned children (a native window, say) import this file under another name.
if __name__ == "__main__":
    from console.process_end import run_to_the_end

    def program() -> None:
        """Load the console and run it."""
        from console.cli import main

        main()

    run_to_the_end(program)
