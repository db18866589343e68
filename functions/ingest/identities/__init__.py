"""Who a printer is: what it is found by, how two are told apart, its audit trail."""
