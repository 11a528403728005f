"""Devices and lines: what reads codes, and what happens in the milliseconds after."""
