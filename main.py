"""Start the console: `python main.py`, or `python main.py --help`."""

# Spawned children (a native window, say) import this file under another name.
if __name__ == "__main__":
    import sys

    from console import invocation
    from console.process_end import run_to_the_end

    def program() -> None:
        """Load the console and run it."""
        try:
            from console.cli import main
        except ModuleNotFoundError as error:
            missing = (error.name or "").partition(".")[0]
            if missing in {"", "console"}:
                raise
            sys.stderr.write(
                f"{missing} is not installed. Install the console with all that it "
                f"needs: {invocation.install('-e', '.')}\n"
            )
            sys.exit(2)
        main()

    run_to_the_end(program)
