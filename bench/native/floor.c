/* The floor: sends datagrams that somebody else made and counts the printers that answered all of theirs.
 *
 * `floor CONCURRENCY TIMEOUT_MS ATTEMPTS` reads a line a printer, "ADDRESS PORT HEX…", asks each its datagrams in
 * turn, so many printers at a time, and writes "floor WALL_US CPU_US ANSWERED". It decodes nothing: no reader with the
 * same requests and time-outs can be faster on the same network.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { MAX_LINE = 1 << 18, MAX_DATAGRAMS = 64, MAX_PRINTERS = 65536, BATCH = 64, REPLY_OCTETS = 2048, HASH = 1 << 17 };

typedef struct {
    struct sockaddr_in address;
    uint8_t *datagrams[MAX_DATAGRAMS];
    size_t octets[MAX_DATAGRAMS];
    size_t count, at;
    unsigned sent;
    uint64_t due;
    bool asked;
    size_t before, behind; /* neighbours among those who are asked, the first due first; printer + 1 */
} Printer;

static Printer *printers;
static size_t printer_count, asked, answered, first, last;
static uint32_t by_hash[HASH]; /* printer + 1, open addressing */
static uint64_t timeout_us;
static unsigned attempts;
static int channel;

static uint64_t now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_nsec / 1000u;
}

static uint64_t cpu_us(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000u +
           (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static _Noreturn void fail(const char *why) {
    fprintf(stderr, "floor: %s\n", why);
    exit(2);
}

static uint32_t *slot_of(const struct sockaddr_in *address) {
    uint32_t place = (ntohl(address->sin_addr.s_addr) * 2654435761u + ntohs(address->sin_port)) % HASH;
    for (; by_hash[place]; place = (place + 1) % HASH) {
        const struct sockaddr_in *held = &printers[by_hash[place] - 1].address;
        if (held->sin_addr.s_addr == address->sin_addr.s_addr && held->sin_port == address->sin_port)
            break;
    }
    return &by_hash[place];
}

static void leave(Printer *printer) {
    *(printer->before ? &printers[printer->before - 1].behind : &first) = printer->behind;
    *(printer->behind ? &printers[printer->behind - 1].before : &last) = printer->before;
    printer->asked = false;
    asked--;
}

static void ask(Printer *printer) {
    size_t number = (size_t)(printer - printers) + 1;
    if (sendto(channel, printer->datagrams[printer->at], printer->octets[printer->at], 0,
               (struct sockaddr *)&printer->address, sizeof printer->address) < 0 &&
        errno != ECONNREFUSED)
        fail(strerror(errno));
    printer->sent++;
    printer->due = now_us() + timeout_us;
    printer->before = last;
    printer->behind = 0;
    *(last ? &printers[last - 1].behind : &first) = number;
    last = number;
    printer->asked = true;
    asked++;
}

static void take(const struct sockaddr_in *from) {
    uint32_t number = *slot_of(from);
    if (number == 0 || !printers[number - 1].asked)
        return;
    Printer *printer = &printers[number - 1];
    leave(printer);
    printer->sent = 0;
    if (++printer->at < printer->count)
        ask(printer);
    else
        answered++;
}

static void receive(void) {
    static uint8_t replies[BATCH][REPLY_OCTETS];
    struct sockaddr_in sources[BATCH];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    memset(messages, 0, sizeof messages);
    for (size_t each = 0; each < BATCH; each++) {
        parts[each] = (struct iovec){replies[each], REPLY_OCTETS};
        messages[each].msg_hdr.msg_name = &sources[each];
        messages[each].msg_hdr.msg_namelen = sizeof sources[each];
        messages[each].msg_hdr.msg_iov = &parts[each];
        messages[each].msg_hdr.msg_iovlen = 1;
    }
    int got = recvmmsg(channel, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int each = 0; each < got; each++)
        take(&sources[each]);
}

static void repeat(void) {
    uint64_t now = now_us();
    while (first && printers[first - 1].due <= now) {
        Printer *printer = &printers[first - 1];
        leave(printer);
        if (printer->sent < attempts)
            ask(printer);
    }
}

static void read_printer(char *line) {
    Printer *printer = &printers[printer_count];
    char *word = strtok(line, " \n"), *port = strtok(NULL, " \n");
    if (word == NULL || port == NULL || inet_pton(AF_INET, word, &printer->address.sin_addr) != 1)
        fail("a line is ADDRESS PORT HEX…");
    printer->address.sin_family = AF_INET;
    printer->address.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
    while ((word = strtok(NULL, " \n")) != NULL && printer->count < MAX_DATAGRAMS) {
        size_t octets = strlen(word) / 2;
        uint8_t *datagram = malloc(octets + 1);
        if (datagram == NULL)
            fail("out of memory");
        for (size_t each = 0; each < octets; each++, word += 2) {
            char pair[3] = {word[0], word[1], 0};
            datagram[each] = (uint8_t)strtoul(pair, NULL, 16);
        }
        printer->datagrams[printer->count] = datagram;
        printer->octets[printer->count++] = octets;
    }
    *slot_of(&printer->address) = (uint32_t)++printer_count;
}

int main(int count, char **words) {
    static char line[MAX_LINE];
    printers = calloc(MAX_PRINTERS, sizeof *printers);
    channel = socket(AF_INET, SOCK_DGRAM, 0);
    if (count != 4 || printers == NULL || channel < 0)
        fail("CONCURRENCY TIMEOUT_MS ATTEMPTS");
    size_t concurrency = strtoul(words[1], NULL, 10), next = 0;
    timeout_us = strtoul(words[2], NULL, 10) * 1000u;
    attempts = (unsigned)strtoul(words[3], NULL, 10);
    int octets = 1 << 20;
    (void)setsockopt(channel, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
    while (printer_count < MAX_PRINTERS && fgets(line, sizeof line, stdin))
        read_printer(line);
    uint64_t began = now_us(), cpu = cpu_us();
    while (asked || next < printer_count) {
        for (; next < printer_count && asked < concurrency; next++)
            if (printers[next].count)
                ask(&printers[next]);
        if (asked == 0)
            continue;
        uint64_t now = now_us(), due = printers[first - 1].due, left = due > now ? due - now : 0;
        struct timespec wait = {(time_t)(left / 1000000u), (long)(left % 1000000u) * 1000};
        struct pollfd watched = {.fd = channel, .events = POLLIN};
        if (ppoll(&watched, 1, &wait, NULL) > 0)
            receive();
        repeat();
    }
    printf("floor %llu %llu %zu\n", (unsigned long long)(now_us() - began), (unsigned long long)(cpu_us() - cpu),
           answered);
    return 0;
}
