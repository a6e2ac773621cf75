"""Schedules: the games of a source's season, stored with the time they were pulled."""
