"""The figures in the README, each by one command, and the harness they share with the browser tests."""
