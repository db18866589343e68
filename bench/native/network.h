/* The socket of all printers and what lies between them and who asks: latency, loss, the size of responses. */
#ifndef NETWORK_H
#define NETWORK_H

#include <stddef.h>
#include <stdint.h>

/* A socket for every loopback address, at one free port. */
int open_channel(int *port);

/* From now on; counters and the draw of what is lost begin anew. */
void set_network(uint64_t latency_ns, uint64_t loss_ppm, size_t most_octets);

/* Takes what has arrived, a batch at a time; answers at once or later. */
void receive(int channel);

/* Sends what is due. */
void send_due(int channel);

/* Until something is due; an hour when nothing is. */
uint64_t ns_to_next_due(void);

/* Writes "counts PACKETS ANSWERED REFUSED OVERFLOWN BUSIEST_1S BUSIEST_100MS". */
void print_counts(void);

/* Keeps every request to a printer from now on. */
void note_requests(void);

/* Writes those requests as "asked PRINTER HEX" lines, then "end"; none is kept any longer. */
void print_noted(void);

#endif
