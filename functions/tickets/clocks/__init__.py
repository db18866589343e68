"""Business time of a site, and the SLA clocks of a call that run in it."""
