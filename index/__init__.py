"""Byline's library: articles become an index, questions become answers with citations."""
