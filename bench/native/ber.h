/* BER as SNMP uses it: bounded reading of elements, writing from the end to the beginning. */
#ifndef BER_H
#define BER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_ARCS = 128, SEQUENCE = 0x30, INTEGER = 0x02, OCTET_STRING = 0x04, OBJECT_IDENTIFIER = 0x06 };

/* Octets that belong to somebody else. */
typedef struct {
    const uint8_t *at, *end;
} Span;

/* An object's name as big-endian words: names then compare as octets do. */
typedef struct {
    uint32_t octets;
    uint8_t words[MAX_ARCS * 4];
} Name;

/* Cuts the next element off `from`; false when it has another tag (unless 0 is wanted) or does not fit. */
bool element(Span *from, int tag, int *found, Span *value);

/* Cuts off an INTEGER of at most five octets. */
bool integer(Span *from, int64_t *number);

/* Reads the content of an OBJECT IDENTIFIER; false when it is cut off or too long. */
bool decode_name(Span value, Name *name);

/* Writes a tag and a length before `at`; gives the new beginning. */
uint8_t *wrapped(uint8_t *at, int tag, size_t octets);

/* Writes an INTEGER before `at`; gives the new beginning. */
uint8_t *number_before(uint8_t *at, int64_t number);

#endif
