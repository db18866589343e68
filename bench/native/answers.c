#include "answers.h"

#include <string.h>

enum {
    GET = 0xA0,
    GET_NEXT = 0xA1,
    RESPONSE = 0xA2,
    GET_BULK = 0xA5,
    TOO_BIG = 1,
    NO_SUCH_NAME = 2,
    NO_SUCH_OBJECT = 0x80,
    NO_SUCH_INSTANCE = 0x81,
    END_OF_MIB_VIEW = 0x82,
    V1 = 0,
    V2C = 1,
    MAX_NAMES = 256,
    MAX_DATAGRAM = 65507,
    HEADROOM = 320, /* octets of all that stands before the bindings, the community with it */
    OVERHEAD = 32,  /* the same without the community, as it counts for the limit */
};

typedef struct {
    int64_t version, request_id, non_repeaters, repetitions;
    int operation;
    Span community, bindings;
    Name names[MAX_NAMES];
    Span raw_names[MAX_NAMES];
    size_t count;
} Request;

static uint8_t reply[HEADROOM + MAX_DATAGRAM];

static bool parse(Span whole, Request *request) {
    Span message, pdu, binding, null;
    if (!element(&whole, SEQUENCE, NULL, &message) || !integer(&message, &request->version) ||
        !element(&message, OCTET_STRING, NULL, &request->community) ||
        !element(&message, 0, &request->operation, &pdu) || !integer(&pdu, &request->request_id) ||
        !integer(&pdu, &request->non_repeaters) || !integer(&pdu, &request->repetitions) ||
        !element(&pdu, SEQUENCE, NULL, &request->bindings))
        return false;
    int operation = request->operation;
    bool bulk = operation == GET_BULK && request->version == V2C;
    if ((request->version != V1 && request->version != V2C) || !(operation == GET || operation == GET_NEXT || bulk))
        return false;
    Span left = request->bindings;
    for (request->count = 0; left.at < left.end; request->count++) {
        Span name;
        if (request->count == MAX_NAMES || !element(&left, SEQUENCE, NULL, &binding))
            return false;
        const uint8_t *start = binding.at;
        if (!element(&binding, OBJECT_IDENTIFIER, NULL, &name) || !decode_name(name, &request->names[request->count]) ||
            !element(&binding, 0, NULL, &null))
            return false;
        request->raw_names[request->count] = (Span){start, name.end};
    }
    return true;
}

typedef struct {
    uint8_t *at;
    size_t room;
} Writer;

/* Adds a row's binding, or the name asked for with a mark in place of a value; false when it does not fit. */
static bool add(Writer *writer, const Row *row, Span raw_name, int mark) {
    uint8_t *start = writer->at;
    if (row != NULL) {
        if (row->binding_octets > writer->room)
            return false;
        memcpy(writer->at, row->binding, row->binding_octets);
        writer->at += row->binding_octets;
    } else {
        size_t octets = (size_t)(raw_name.end - raw_name.at);
        if (octets + 8 > writer->room)
            return false;
        uint8_t head[8], *first = wrapped(head + sizeof head, SEQUENCE, octets + 2);
        size_t head_octets = (size_t)(head + sizeof head - first);
        memcpy(writer->at, first, head_octets);
        memcpy(writer->at + head_octets, raw_name.at, octets);
        writer->at += head_octets + octets;
        *writer->at++ = (uint8_t)mark;
        *writer->at++ = 0;
    }
    writer->room -= (size_t)(writer->at - start);
    return true;
}

static size_t finished(const Request *request, Writer *writer, int status, int64_t index, const uint8_t **start) {
    uint8_t *at = reply + HEADROOM, *end = writer->at;
    at = wrapped(at, SEQUENCE, (size_t)(end - at));
    at = number_before(at, index);
    at = number_before(at, status);
    at = number_before(at, request->request_id);
    at = wrapped(at, RESPONSE, (size_t)(end - at));
    size_t octets = (size_t)(request->community.end - request->community.at);
    at -= octets;
    memcpy(at, request->community.at, octets);
    at = wrapped(at, OCTET_STRING, octets);
    at = number_before(at, request->version);
    at = wrapped(at, SEQUENCE, (size_t)(end - at));
    *start = at;
    return (size_t)(end - at);
}

/* RFC 1157 repeats the request's bindings with an error, RFC 3416 section 4.2.1 leaves them out with tooBig. */
static size_t refusal(const Request *request, int status, int64_t index, const uint8_t **start) {
    Writer writer = {reply + HEADROOM, MAX_DATAGRAM};
    size_t octets = (size_t)(request->bindings.end - request->bindings.at);
    if (request->version == V1) {
        memcpy(writer.at, request->bindings.at, octets);
        writer.at += octets;
    }
    return finished(request, &writer, status, index, start);
}

static size_t answer_each(const Printer *printer, const Request *request, size_t most_octets, const uint8_t **start) {
    Writer writer = {reply + HEADROOM, MAX_DATAGRAM};
    for (size_t each = 0; each < request->count; each++) {
        const Name *name = &request->names[each];
        const Row *row = found_row(printer, name, request->operation == GET_NEXT);
        if (row == NULL && request->version == V1)
            return refusal(request, NO_SUCH_NAME, (int64_t)each + 1, start);
        int mark = END_OF_MIB_VIEW;
        if (row == NULL && request->operation == GET)
            mark = has_below(printer, name) ? NO_SUCH_INSTANCE : NO_SUCH_OBJECT;
        if (!add(&writer, row, request->raw_names[each], mark))
            return refusal(request, TOO_BIG, 0, start);
    }
    size_t octets = finished(request, &writer, 0, 0, start);
    return octets > most_octets ? refusal(request, TOO_BIG, 0, start) : octets;
}

static Span raw_name(const Row *row) {
    Span whole = {row->binding, row->binding + row->binding_octets}, inner, name;
    (void)element(&whole, SEQUENCE, NULL, &inner); /* checked when the row was put */
    const uint8_t *first = inner.at;
    (void)element(&inner, OBJECT_IDENTIFIER, NULL, &name);
    return (Span){first, name.end};
}

/* RFC 3416 section 4.2.3: cut to what fits; ends when every column has ended. */
static size_t answer_bulk(const Printer *printer, Request *request, Writer *writer, const uint8_t **start) {
    size_t once = request->non_repeaters < 0 ? 0 : (size_t)request->non_repeaters;
    once = once < request->count ? once : request->count;
    const Row *at[MAX_NAMES] = {0};
    bool fits = true;
    for (size_t each = 0; fits && each < once; each++)
        fits = add(writer, found_row(printer, &request->names[each], true), request->raw_names[each], END_OF_MIB_VIEW);
    for (int64_t row = 0; fits && once < request->count && row < request->repetitions; row++) {
        bool ended = true;
        for (size_t each = once; fits && each < request->count; each++) {
            const Row *last = printer->rows + printer->count;
            const Row *next = row == 0               ? found_row(printer, &request->names[each], true)
                              : at[each] == NULL     ? NULL
                              : at[each] + 1 == last ? NULL
                                                     : at[each] + 1;
            if (next == NULL && at[each] != NULL)
                request->raw_names[each] = raw_name(at[each]); /* endOfMibView carries the last name */
            ended = ended && next == NULL;
            at[each] = next;
            fits = add(writer, next, request->raw_names[each], END_OF_MIB_VIEW);
        }
        if (ended)
            break;
    }
    return finished(request, writer, 0, 0, start);
}

size_t answer(const Printer *printer, Span datagram, size_t most_octets, const uint8_t **start) {
    static Request request;
    if (!parse(datagram, &request))
        return 0;
    size_t community = (size_t)(request.community.end - request.community.at);
    if (community != printer->community_octets || memcmp(request.community.at, printer->community, community))
        return 0;
    if (request.operation != GET_BULK)
        return answer_each(printer, &request, most_octets, start);
    size_t overhead = OVERHEAD + community;
    Writer writer = {reply + HEADROOM, most_octets > overhead ? most_octets - overhead : 0};
    return answer_bulk(printer, &request, &writer, start);
}
