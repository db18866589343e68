"""What two or more contexts use; `shared.wire` is the agreement with the agent."""
