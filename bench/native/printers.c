#include "printers.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Printer *printers;
static size_t printers_held;
static uint32_t first_address;
static uint32_t at_offset[MAX_PRINTERS]; /* printer + 1 at (address - first) */

void fail(const char *why) {
    printf("error %s\n", why);
    fflush(stdout);
    exit(2);
}

void *grown(void *old, size_t octets) {
    void *memory = realloc(old, octets);
    if (memory == NULL)
        fail("out of memory");
    return memory;
}

void add_printer(uint32_t address, const char *community) {
    if (printers_held == 0)
        first_address = ntohl(address);
    uint32_t offset = ntohl(address) - first_address;
    if (offset >= MAX_PRINTERS)
        fail("addresses must follow the first one");
    printers = grown(printers, (printers_held + 1) * sizeof(Printer));
    Printer *printer = &printers[printers_held];
    *printer = (Printer){.community_octets = strlen(community)};
    if (printer->community_octets > MAX_COMMUNITY)
        fail("a community has 255 octets at most");
    memcpy(printer->community, community, printer->community_octets);
    at_offset[offset] = (uint32_t)++printers_held;
}

size_t printer_count(void) { return printers_held; }

Printer *printer_numbered(size_t number) { return &printers[number]; }

int64_t printer_at_address(uint32_t address) {
    uint32_t offset = ntohl(address) - first_address;
    return offset < MAX_PRINTERS ? (int64_t)at_offset[offset] - 1 : -1;
}

static int compare(const uint8_t *one, size_t one_octets, const uint8_t *other, size_t other_octets) {
    int order = memcmp(one, other, one_octets < other_octets ? one_octets : other_octets);
    return order ? order : (one_octets > other_octets) - (one_octets < other_octets);
}

/* The first row whose name is not below `name`. */
static size_t place_of(const Printer *printer, const Name *name) {
    size_t low = 0, high = printer->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const Row *row = &printer->rows[middle];
        if (compare(row->key, row->key_octets, name->words, name->octets) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const Printer *printer, size_t place, const Name *name) {
    return place < printer->count && printer->rows[place].key_octets == name->octets &&
           !memcmp(printer->rows[place].key, name->words, name->octets);
}

bool has_below(const Printer *printer, const Name *name) {
    Name parent = *name;
    parent.octets -= 4;
    size_t place = place_of(printer, &parent);
    return place < printer->count && printer->rows[place].key_octets >= parent.octets &&
           !memcmp(printer->rows[place].key, parent.words, parent.octets);
}

void put_row(Printer *printer, const Name *name, Span binding) {
    size_t place = place_of(printer, name), octets = (size_t)(binding.end - binding.at);
    if (!is_at(printer, place, name)) {
        if (printer->count == printer->room) {
            printer->room = printer->room ? printer->room * 2 : 128;
            printer->rows = grown(printer->rows, printer->room * sizeof(Row));
        }
        memmove(&printer->rows[place + 1], &printer->rows[place], (printer->count - place) * sizeof(Row));
        printer->count++;
        printer->rows[place] = (Row){.key = grown(NULL, name->octets), .key_octets = name->octets};
        memcpy(printer->rows[place].key, name->words, name->octets);
    }
    Row *row = &printer->rows[place];
    row->binding = grown(row->binding, octets);
    row->binding_octets = (uint32_t)octets;
    memcpy(row->binding, binding.at, octets);
}

void cut_row(Printer *printer, const Name *name) {
    size_t place = place_of(printer, name);
    if (!is_at(printer, place, name))
        return;
    free(printer->rows[place].key);
    free(printer->rows[place].binding);
    printer->count--;
    memmove(&printer->rows[place], &printer->rows[place + 1], (printer->count - place) * sizeof(Row));
}

const Row *found_row(const Printer *printer, const Name *name, bool next) {
    size_t place = place_of(printer, name);
    bool exact = is_at(printer, place, name);
    if (next)
        return place + exact < printer->count ? &printer->rows[place + exact] : NULL;
    return exact ? &printer->rows[place] : NULL;
}
