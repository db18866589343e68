#include "ber.h"

#include <arpa/inet.h>
#include <string.h>

bool element(Span *from, int tag, int *found, Span *value) {
    const uint8_t *at = from->at;
    if (from->end - at < 2 || (tag && at[0] != tag))
        return false;
    if (found)
        *found = at[0];
    size_t octets = at[1];
    at += 2;
    if (octets >= 0x80) {
        size_t more = octets - 0x80;
        if (more < 1 || more > 4 || (size_t)(from->end - at) < more)
            return false;
        for (octets = 0; more; more--)
            octets = octets << 8 | *at++;
    }
    if (octets > (size_t)(from->end - at))
        return false;
    *value = (Span){at, at + octets};
    from->at = at + octets;
    return true;
}

bool integer(Span *from, int64_t *number) {
    Span value;
    if (!element(from, INTEGER, NULL, &value) || value.end - value.at < 1 || value.end - value.at > 5)
        return false;
    uint64_t bits = value.at[0] & 0x80 ? ~0ull : 0;
    while (value.at < value.end)
        bits = bits << 8 | *value.at++;
    *number = (int64_t)bits;
    return true;
}

bool decode_name(Span value, Name *name) {
    name->octets = 0;
    uint64_t arc = 0;
    bool open = false;
    while (value.at < value.end) {
        arc = arc << 7 | (*value.at & 0x7F);
        open = *value.at++ & 0x80;
        if (arc > UINT32_MAX + 80ull)
            return false;
        if (open)
            continue;
        if (name->octets + 8 > sizeof name->words)
            return false;
        if (name->octets == 0) { /* two arcs in one */
            uint64_t root = arc < 80 ? arc / 40 : 2;
            memcpy(name->words, (uint8_t[]){0, 0, 0, (uint8_t)root}, 4);
            name->octets = 4;
            arc -= root * 40;
        }
        uint32_t word = htonl((uint32_t)arc);
        memcpy(name->words + name->octets, &word, 4);
        name->octets += 4;
        arc = 0;
    }
    return name->octets && !open;
}

uint8_t *wrapped(uint8_t *at, int tag, size_t octets) {
    if (octets < 0x80) {
        *--at = (uint8_t)octets;
    } else {
        int more = 0;
        for (size_t left = octets; left; left >>= 8, more++)
            *--at = (uint8_t)left;
        *--at = (uint8_t)(0x80 | more);
    }
    *--at = (uint8_t)tag;
    return at;
}

uint8_t *number_before(uint8_t *at, int64_t number) {
    uint8_t *end = at;
    do {
        *--at = (uint8_t)number;
        number >>= 8;
    } while (!((number == 0 && !(*at & 0x80)) || (number == -1 && (*at & 0x80))));
    return wrapped(at, INTEGER, (size_t)(end - at));
}
