"""Byline's Discord side; imports index, and nothing in index imports it."""
