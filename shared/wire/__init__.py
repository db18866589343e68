"""The agreement between agent and cloud: pydantic models and the meaning of Printer-MIB numbers."""
