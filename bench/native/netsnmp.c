/* net-snmp's own library as a reader of many printers: walks subtrees with GETBULK, asynchronously.
 *
 * `netsnmp CONCURRENCY REPETITIONS TIMEOUT_MS RETRIES WITH_VALUES SUBTREE…` reads a line a printer, "ADDRESS:PORT
 * COMMUNITY". With values it writes "row PRINTER OID TYPE VALUE" for each (octets in hex, numbers and names in
 * decimal), and in the end "netsnmp WALL_US CPU_US PRINTERS_READ VALUES".
 */

#define _GNU_SOURCE
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <time.h>

enum { MAX_SUBTREES = 32, MAX_CONCURRENCY = 256, MAX_LINE = 512 };

typedef struct {
    oid name[MAX_OID_LEN];
    size_t length;
} Name;

typedef struct {
    void *session;
    size_t number, subtree;
    Name last;
} Walk;

static Name subtrees[MAX_SUBTREES];
static size_t subtree_count, printers_taken, printers_read, values, walking;
static long repetitions, timeout_us;
static int retries;
static bool with_values;
static Walk walks[MAX_CONCURRENCY];

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
    fprintf(stderr, "netsnmp: %s\n", why);
    exit(2);
}

static void write_row(const Walk *walk, const netsnmp_variable_list *row) {
    printf("row %zu ", walk->number);
    for (size_t arc = 0; arc < row->name_length; arc++)
        printf(arc ? ".%lu" : "%lu", (unsigned long)row->name[arc]);
    printf(" %d ", row->type);
    if (row->type == ASN_OBJECT_ID) {
        for (size_t arc = 0; arc < row->val_len / sizeof(oid); arc++)
            printf(arc ? ".%lu" : "%lu", (unsigned long)row->val.objid[arc]);
    } else if (row->type == ASN_OCTET_STR || row->type == ASN_IPADDRESS || row->type == ASN_OPAQUE) {
        for (size_t octet = 0; octet < row->val_len; octet++)
            printf("%02x", row->val.string[octet]);
    } else if (row->type == ASN_COUNTER64) {
        uint64_t high = row->val.counter64->high, low = row->val.counter64->low;
        printf("%llu", (unsigned long long)(high << 32 | low));
    } else if (row->type == ASN_INTEGER) {
        printf("%ld", *row->val.integer);
    } else {
        printf("%lu", (unsigned long)*row->val.integer & 0xFFFFFFFFul);
    }
    putchar('\n');
}

static int answered(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *magic);

static bool ask(Walk *walk) {
    netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GETBULK);
    pdu->non_repeaters = 0;
    pdu->max_repetitions = repetitions;
    snmp_add_null_var(pdu, walk->last.name, walk->last.length);
    if (snmp_sess_async_send(walk->session, pdu, answered, walk))
        return true;
    snmp_free_pdu(pdu);
    return false;
}

/* Takes a reply's rows; false when the subtree has ended. */
static bool take(Walk *walk, const netsnmp_pdu *pdu) {
    const Name *subtree = &subtrees[walk->subtree];
    for (const netsnmp_variable_list *row = pdu->variables; row; row = row->next_variable) {
        if (row->type == SNMP_ENDOFMIBVIEW || row->name_length < subtree->length ||
            snmp_oid_compare(row->name, subtree->length, subtree->name, subtree->length) ||
            snmp_oid_compare(row->name, row->name_length, walk->last.name, walk->last.length) <= 0)
            return false;
        values++;
        if (with_values)
            write_row(walk, row);
        memcpy(walk->last.name, row->name, row->name_length * sizeof(oid));
        walk->last.length = row->name_length;
    }
    return pdu->variables != NULL;
}

static int answered(int operation, netsnmp_session *session, int id, netsnmp_pdu *pdu, void *magic) {
    (void)session;
    (void)id;
    Walk *walk = magic;
    bool read = operation == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && pdu->errstat == SNMP_ERR_NOERROR;
    bool more = read;
    if (read && !take(walk, pdu)) {
        more = ++walk->subtree < subtree_count;
        printers_read += !more;
        if (more)
            walk->last = subtrees[walk->subtree];
    }
    if (!more || !ask(walk))
        walk->subtree = MAX_SUBTREES; /* closed by the loop: a session must not end inside its own call */
    return 1;
}

/* Begins with the next printer of standard input; false when there is none. */
static bool begin(Walk *walk) {
    char line[MAX_LINE], address[MAX_LINE], community[MAX_LINE];
    if (!fgets(line, sizeof line, stdin))
        return false;
    if (sscanf(line, "%511s %511s", address, community) != 2)
        fail("a line is ADDRESS:PORT COMMUNITY");
    netsnmp_session session;
    snmp_sess_init(&session);
    session.version = SNMP_VERSION_2c;
    session.peername = address;
    session.community = (u_char *)community;
    session.community_len = strlen(community);
    session.timeout = timeout_us;
    session.retries = retries;
    *walk = (Walk){.session = snmp_sess_open(&session), .number = printers_taken++, .last = subtrees[0]};
    if (walk->session == NULL || !ask(walk))
        fail("cannot open a session");
    walking++;
    return true;
}

static void serve(size_t concurrency) {
    fd_set ready;
    struct timeval wait = {60, 0};
    int highest = 0, block = 1;
    FD_ZERO(&ready);
    for (size_t each = 0; each < concurrency; each++)
        if (walks[each].session)
            snmp_sess_select_info(walks[each].session, &highest, &ready, &wait, &block);
    if (select(highest, &ready, NULL, NULL, &wait) < 0)
        fail("select failed");
    for (size_t each = 0; each < concurrency; each++) {
        Walk *walk = &walks[each];
        if (!walk->session)
            continue;
        snmp_sess_read(walk->session, &ready);
        snmp_sess_timeout(walk->session);
        if (walk->subtree == MAX_SUBTREES) {
            snmp_sess_close(walk->session);
            walk->session = NULL;
            walking--;
        }
    }
}

int main(int count, char **words) {
    if (count < 7 || count - 6 > MAX_SUBTREES)
        fail("CONCURRENCY REPETITIONS TIMEOUT_MS RETRIES WITH_VALUES SUBTREE…");
    size_t concurrency = strtoul(words[1], NULL, 10);
    concurrency = concurrency > MAX_CONCURRENCY ? MAX_CONCURRENCY : concurrency;
    repetitions = strtol(words[2], NULL, 10);
    timeout_us = strtol(words[3], NULL, 10) * 1000;
    retries = (int)strtol(words[4], NULL, 10);
    with_values = words[5][0] == '1';
    setenv("MIBS", "", 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    init_snmp("bench");
    for (int word = 6; word < count; word++) {
        Name *subtree = &subtrees[subtree_count++];
        subtree->length = MAX_OID_LEN;
        if (!read_objid(words[word], subtree->name, &subtree->length))
            fail("a subtree is an OID");
    }
    uint64_t began = now_us(), cpu = cpu_us();
    bool more = true;
    do {
        for (size_t each = 0; more && each < concurrency; each++)
            if (!walks[each].session)
                more = begin(&walks[each]);
        if (walking)
            serve(concurrency);
    } while (walking || more);
    printf("netsnmp %llu %llu %zu %zu\n", (unsigned long long)(now_us() - began), (unsigned long long)(cpu_us() - cpu),
           printers_read, values);
    return 0;
}
