/* A fast SNMP v1/v2c responder for the benchmarks: many printers on many loopback addresses, one socket, one thread.
 *
 * Commands come as lines on standard input (bench/responder.py writes them); it ends when its input does:
 *
 *   host ADDRESS COMMUNITY          one more printer, counted from 0
 *   put PRINTER HEX                 add or change a row: a whole variable binding in BER
 *   cut PRINTER HEX                 remove the row of that binding's name
 *   silent PRINTER 0|1              answer nothing (1), or again (0)
 *   slow PRINTER MICROSECONDS       answer so much later than the others
 *   network MICROSECONDS PPM OCTETS latency of all, loss each way, most octets of a response; counters begin anew
 *   listen                          answered by "port N": the UDP port of every address
 *   counts                          answered by "counts PACKETS ANSWERED REFUSED OVERFLOWN BUSIEST_1S BUSIEST_100MS"
 *   note                            keep every request to a printer
 *   noted                           answered by them, "asked PRINTER HEX" a line, and "end"; none is kept any longer
 *
 * A command that cannot be obeyed is answered by "error WHY", and the program ends with 2. Datagrams to other
 * addresses vanish, as at an address where nobody is. Which datagrams are lost depends only on the printer and on how
 * many of its datagrams came before since the last `network`: two readers that ask alike lose alike.
 */

#define _GNU_SOURCE
#include "network.h"
#include "printers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_LINE = 1 << 17, MICROSECOND = 1000 };

static uint64_t number_in(char **text) {
    char *rest;
    unsigned long long number = strtoull(*text, &rest, 10);
    if (rest == *text)
        fail("a number is missing");
    *text = rest;
    return number;
}

static Printer *printer_in(char **text) {
    uint64_t number = number_in(text);
    if (number >= printer_count())
        fail("no such printer");
    return printer_numbered(number);
}

static void add_host(const char *text) {
    char address[64], community[MAX_COMMUNITY + 1];
    struct in_addr parsed;
    if (sscanf(text, "%63s %255s", address, community) != 2 || inet_pton(AF_INET, address, &parsed) != 1)
        fail("host ADDRESS COMMUNITY");
    add_printer(parsed.s_addr, community);
}

static void change_row(char *text, bool put) {
    static uint8_t octets[MAX_LINE / 2];
    Printer *printer = printer_in(&text);
    size_t count = 0;
    text += *text == ' ';
    for (unsigned octet; count < sizeof octets && sscanf(text, "%2x", &octet) == 1; text += 2)
        octets[count++] = (uint8_t)octet;
    Span whole = {octets, octets + count}, binding, value;
    Name name;
    if (!element(&whole, SEQUENCE, NULL, &binding) || whole.at != whole.end ||
        !element(&binding, OBJECT_IDENTIFIER, NULL, &value) || !decode_name(value, &name))
        fail("not a variable binding");
    if (put)
        put_row(printer, &name, (Span){octets, octets + count});
    else
        cut_row(printer, &name);
}

static void change_network(char *text) {
    uint64_t latency = number_in(&text), loss = number_in(&text);
    set_network(latency * MICROSECOND, loss, number_in(&text));
}

static void obey(char *line, int *channel) {
    size_t word = strcspn(line, " ");
    char *rest = line + word + (line[word] == ' ');
    line[word] = 0;
    if (!strcmp(line, "put") || !strcmp(line, "cut")) {
        change_row(rest, *line == 'p');
    } else if (!strcmp(line, "host")) {
        add_host(rest);
    } else if (!strcmp(line, "silent")) {
        Printer *printer = printer_in(&rest);
        printer->silent = number_in(&rest) != 0;
    } else if (!strcmp(line, "slow")) {
        Printer *printer = printer_in(&rest);
        printer->slow_ns = number_in(&rest) * MICROSECOND;
    } else if (!strcmp(line, "network")) {
        change_network(rest);
    } else if (!strcmp(line, "listen") && *channel < 0) {
        int port;
        *channel = open_channel(&port);
        printf("port %d\n", port);
    } else if (!strcmp(line, "counts")) {
        print_counts();
    } else if (!strcmp(line, "note")) {
        note_requests();
    } else if (!strcmp(line, "noted")) {
        print_noted();
    } else {
        fail("no such command");
    }
}

/* Takes what stands on standard input; false at its end. */
static bool obey_all(int *channel) {
    static char lines[MAX_LINE];
    static size_t held;
    ssize_t got = read(STDIN_FILENO, lines + held, sizeof lines - 1 - held);
    if (got <= 0)
        return false;
    held += (size_t)got;
    lines[held] = 0;
    char *line = lines;
    for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = 0;
        obey(line, channel);
    }
    held -= (size_t)(line - lines);
    if (held == sizeof lines - 1)
        fail("a line is too long");
    memmove(lines, line, held);
    fflush(stdout);
    return true;
}

int main(void) {
    int channel = -1;
    for (;;) {
        struct pollfd watched[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = channel, .events = POLLIN}};
        uint64_t left = ns_to_next_due();
        struct timespec wait = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        if (ppoll(watched, 2, &wait, NULL) < 0 && errno != EINTR)
            fail(strerror(errno));
        if (watched[0].revents && !obey_all(&channel))
            return 0;
        if (watched[1].revents)
            receive(channel);
        send_due(channel);
    }
}
