/* The printers: their addresses, their rows in the order of the names, what is wrong with them. */
#ifndef PRINTERS_H
#define PRINTERS_H

#include "ber.h"

enum { MAX_PRINTERS = 65536, MAX_COMMUNITY = 255 };

typedef struct {
    uint8_t *key;     /* the name's words */
    uint8_t *binding; /* name and value in BER */
    uint32_t key_octets, binding_octets;
} Row;

typedef struct {
    char community[MAX_COMMUNITY + 1];
    size_t community_octets;
    Row *rows;
    size_t count, room;
    bool silent;
    uint64_t slow_ns;
    uint64_t seen; /* datagrams since the network was set */
} Printer;

/* Ends the program with a line that says why. */
_Noreturn void fail(const char *why);

/* `realloc` that ends the program when there is no memory. */
void *grown(void *old, size_t octets);

/* One more printer; addresses (in network order) are at most 65,535 above the first. */
void add_printer(uint32_t address, const char *community);

size_t printer_count(void);
Printer *printer_numbered(size_t number);

/* The number of the printer at an address in network order, -1 when nobody is there. */
int64_t printer_at_address(uint32_t address);

/* Adds or replaces the row of a name; the binding is copied. */
void put_row(Printer *printer, const Name *name, Span binding);

/* Removes the row of a name, if it is there. */
void cut_row(Printer *printer, const Name *name);

/* The row of a name or, when `next`, the first one behind it; NULL when there is none. */
const Row *found_row(const Printer *printer, const Name *name, bool next);

/* Whether some row lies below the name's parent. */
bool has_below(const Printer *printer, const Name *name);

#endif
