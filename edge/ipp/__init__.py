"""IPP, for printers without SNMP or without a page count."""
