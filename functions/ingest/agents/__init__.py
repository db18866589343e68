"""Agents: their row and configuration, their life, their keys over time."""
