"""From a printer's answers to the wire's reading, and how each printer is best asked."""
