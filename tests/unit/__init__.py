"""Rules and repositories, without a socket."""
