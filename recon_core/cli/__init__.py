"""The command line: parses, calls, renders; holds no logic."""
