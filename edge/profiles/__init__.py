"""What is known of makers' printers, as data: schema, files, checks, and the list of objects that may be asked."""
