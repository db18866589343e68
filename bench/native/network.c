#define _GNU_SOURCE
#include "network.h"

#include "answers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    BATCH = 64,
    MAX_REQUEST = 4096,
    MAX_DATAGRAM = 65507,
    MAX_PENDING = 65536,
    MAX_ARRIVALS = 1 << 20,
    RECEIVE_BUFFER = 8 << 20,
};

static const uint64_t SECOND = 1000000000ull;

/* A response on its way: `from` is the printer's address in network order. */
typedef struct {
    uint64_t due;
    struct sockaddr_in to;
    uint32_t from;
    uint32_t octets;
    uint8_t *datagram;
} Pending;

static struct {
    uint64_t latency_ns, loss_ppm;
    size_t most_octets;
} network = {.most_octets = 1400};
static FILE *notes; /* while requests are noted: a line each */
static char *noted;
static size_t noted_octets;
static uint64_t packets, answered, refused, overflown, overflown_before;
static uint64_t arrivals[MAX_ARRIVALS];
static size_t arrival_count;
static Pending heap[MAX_PENDING];
static size_t heap_count;

static uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

/* Whether this datagram is lost: a hash of the printer, its count of datagrams and the direction. */
static bool lost(uint64_t printer, uint64_t count, uint64_t direction) {
    uint64_t mixed = printer * 0x9E3779B97F4A7C15ull + count * 0xBF58476D1CE4E5B9ull;
    mixed += direction * 0x94D049BB133111EBull;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9ull;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBull;
    return (mixed ^ mixed >> 31) % 1000000 < network.loss_ppm;
}

static void heap_push(Pending pending) {
    size_t place = heap_count++;
    for (; place && heap[(place - 1) / 2].due > pending.due; place = (place - 1) / 2)
        heap[place] = heap[(place - 1) / 2];
    heap[place] = pending;
}

static Pending heap_pop(void) {
    Pending first = heap[0], last = heap[--heap_count];
    size_t place = 0;
    for (size_t child = 1; child < heap_count; child = 2 * place + 1) {
        child += child + 1 < heap_count && heap[child + 1].due < heap[child].due;
        if (last.due <= heap[child].due)
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = last;
    return first;
}

static void send_pending(int channel, Pending *pending, const uint8_t *datagram) {
    union {
        struct cmsghdr head;
        uint8_t octets[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {0};
    struct iovec part = {(void *)datagram, pending->octets};
    struct msghdr message = {.msg_name = &pending->to,
                             .msg_namelen = sizeof pending->to,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.octets,
                             .msg_controllen = sizeof control.octets};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = IPPROTO_IP;
    head->cmsg_type = IP_PKTINFO;
    head->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
    struct in_pktinfo info = {.ipi_spec_dst = {pending->from}};
    memcpy(CMSG_DATA(head), &info, sizeof info);
    if (sendmsg(channel, &message, 0) == (ssize_t)pending->octets)
        answered++;
}

static void note(size_t printer, Span datagram) {
    fprintf(notes, "asked %zu ", printer);
    while (datagram.at < datagram.end)
        fprintf(notes, "%02x", *datagram.at++);
    fputc('\n', notes);
}

static void take(int channel, uint32_t to, const struct sockaddr_in *from, Span datagram) {
    int64_t number = printer_at_address(to);
    packets++;
    if (number < 0)
        return;
    if (notes != NULL)
        note((size_t)number, datagram);
    Printer *printer = printer_numbered((size_t)number);
    uint64_t seen = printer->seen++;
    if (printer->silent || lost((uint64_t)number, seen, 1))
        return;
    const uint8_t *start;
    size_t octets = answer(printer, datagram, network.most_octets, &start);
    if (octets == 0) {
        refused++;
        return;
    }
    if (lost((uint64_t)number, seen, 2))
        return;
    Pending pending = {now_ns() + network.latency_ns + printer->slow_ns, *from, to, (uint32_t)octets, NULL};
    if (network.latency_ns + printer->slow_ns == 0) {
        send_pending(channel, &pending, start);
    } else if (heap_count < MAX_PENDING) {
        pending.datagram = grown(NULL, octets);
        memcpy(pending.datagram, start, octets);
        heap_push(pending);
    }
}

void receive(int channel) {
    static uint8_t datagrams[BATCH][MAX_REQUEST];
    static uint8_t controls[BATCH][256];
    static struct sockaddr_in sources[BATCH];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    for (size_t each = 0; each < BATCH; each++) {
        parts[each] = (struct iovec){datagrams[each], MAX_REQUEST};
        messages[each].msg_hdr = (struct msghdr){.msg_name = &sources[each],
                                                 .msg_namelen = sizeof sources[each],
                                                 .msg_iov = &parts[each],
                                                 .msg_iovlen = 1,
                                                 .msg_control = controls[each],
                                                 .msg_controllen = sizeof controls[each]};
    }
    int got = recvmmsg(channel, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int each = 0; each < got; each++) {
        struct msghdr *message = &messages[each].msg_hdr;
        uint32_t to = 0;
        uint64_t arrived = 0;
        for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
            if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO) {
                struct in_pktinfo info;
                memcpy(&info, CMSG_DATA(head), sizeof info);
                to = info.ipi_addr.s_addr;
            } else if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SO_TIMESTAMPNS) {
                struct timespec time;
                memcpy(&time, CMSG_DATA(head), sizeof time);
                arrived = (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
            } else if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SO_RXQ_OVFL) {
                uint32_t count;
                memcpy(&count, CMSG_DATA(head), sizeof count);
                overflown = count;
            }
        }
        if (arrival_count < MAX_ARRIVALS)
            arrivals[arrival_count++] = arrived;
        if (!(message->msg_flags & MSG_TRUNC))
            take(channel, to, &sources[each], (Span){datagrams[each], datagrams[each] + messages[each].msg_len});
    }
}

/* The most datagrams that arrived in any span of so long. */
static size_t busiest(uint64_t span) {
    size_t most = 0, first = 0;
    for (size_t last = 0; last < arrival_count; last++) {
        while (arrivals[last] - arrivals[first] >= span)
            first++;
        if (last - first + 1 > most)
            most = last - first + 1;
    }
    return most;
}

int open_channel(int *port) {
    int channel = socket(AF_INET, SOCK_DGRAM, 0), on = 1, octets = RECEIVE_BUFFER;
    if (channel < 0)
        fail("no socket");
    struct sockaddr_in any = {.sin_family = AF_INET};
    if (setsockopt(channel, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3))
        fail("cannot bind to the loopback device alone");
    if (setsockopt(channel, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets))
        (void)setsockopt(channel, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets);
    socklen_t size = sizeof any;
    if (setsockopt(channel, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) ||
        setsockopt(channel, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) ||
        setsockopt(channel, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on) ||
        bind(channel, (struct sockaddr *)&any, sizeof any) || getsockname(channel, (struct sockaddr *)&any, &size))
        fail(strerror(errno));
    *port = ntohs(any.sin_port);
    return channel;
}

void set_network(uint64_t latency_ns, uint64_t loss_ppm, size_t most_octets) {
    if (most_octets > MAX_DATAGRAM)
        fail("a response has 65507 octets at most");
    network.latency_ns = latency_ns;
    network.loss_ppm = loss_ppm;
    network.most_octets = most_octets;
    packets = answered = refused = arrival_count = 0;
    overflown_before = overflown;
    for (size_t each = 0; each < printer_count(); each++)
        printer_numbered(each)->seen = 0;
}

void note_requests(void) {
    if (notes == NULL && (notes = open_memstream(&noted, &noted_octets)) == NULL)
        fail("out of memory");
}

void print_noted(void) {
    if (notes != NULL) {
        fclose(notes);
        fwrite(noted, 1, noted_octets, stdout);
        free(noted);
        notes = NULL;
    }
    printf("end\n");
}

void print_counts(void) {
    printf("counts %llu %llu %llu %llu %zu %zu\n", (unsigned long long)packets, (unsigned long long)answered,
           (unsigned long long)refused, (unsigned long long)(overflown - overflown_before), busiest(SECOND),
           busiest(SECOND / 10));
}

uint64_t ns_to_next_due(void) {
    if (heap_count == 0)
        return 3600 * SECOND;
    uint64_t now = now_ns();
    return heap[0].due > now ? heap[0].due - now : 0;
}

void send_due(int channel) {
    for (uint64_t now = now_ns(); heap_count && heap[0].due <= now;) {
        Pending pending = heap_pop();
        send_pending(channel, &pending, pending.datagram);
        free(pending.datagram);
    }
}
