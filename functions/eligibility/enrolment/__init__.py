"""From a printer that is asked about to an enrolled one: evaluation, requests, their workflow, what is announced."""
