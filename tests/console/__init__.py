"""Tests of the Console: its pages, in process and in a real browser."""
