"""Benchmarks: what the speed, cost and forecast claims rest on. Run by `python -m bench`, never by the tests."""
