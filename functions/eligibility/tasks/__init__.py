"""Tasks of the enrolment workflow."""
