"""The figures of docs/MEASURED.md, each by one command, and the harness they share with the browser tests."""
