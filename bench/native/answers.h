/* Requests in, responses out (RFC 1157, RFC 3416), of at most so many octets. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "printers.h"

/* The response of a printer to a datagram, valid until the next call; 0 octets when it is none that is answered. */
size_t answer(const Printer *printer, Span datagram, size_t most_octets, const uint8_t **start);

#endif
