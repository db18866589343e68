"""SNMP on the wire: codec, versions, one socket, sessions, bounded walks."""
