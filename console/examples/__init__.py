"""Small programs, one idea each: run them with `python -m console.examples.NAME`."""
