"""Tasks of the `supplies_order` state machine: the outcome is data, only what is worth a retry is raised (D13)."""
