"""The main job, end to end, on a laptop: `python -m local.demo` (`make demo`)."""
