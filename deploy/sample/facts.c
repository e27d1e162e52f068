/* SPDX-License-Identifier: Apache-2.0
 *
 * What one alert speaks of. What belongs to the cause (address, file, account,
 * process) comes from the generator of its actor, so that the alerts of one
 * episode or attack agree; what belongs to the moment (ports, process number)
 * from the alert's own. A file's hashes and a domain hang on the rule and one
 * of eight variants: one malware file is seen on many machines. */
#include "message.h"

#include <string.h>

static const char *const folders[] = {
    "C:\\Users\\{login}\\Downloads\\",
    "C:\\Users\\{login}\\Desktop\\",
    "C:\\Users\\{login}\\AppData\\Local\\Temp\\",
    "E:\\",
    "D:\\Du lieu\\",
    "C:\\ProgramData\\{hex}\\",
    "C:\\Users\\Public\\"};
static const char *const tried_accounts[] = {
    "root",   "admin", "administrator", "test",  "oracle",  "postgres",
    "ubuntu", "user",  "ftpuser",       "guest", "quantri", "backup"};
static const char *const own_accounts[] = {
    "root", "www-data", "apache", "tomcat", "quantri", "svc-backup", "iusr"};
static const uint16_t out_ports[] = {443, 443, 443, 80, 8080, 8443, 4444, 53};
static const uint16_t in_ports[] = {445, 445, 3389, 135, 5985, 22};

#define PICK(rng, list)                                                        \
    ((list)[rng_below((rng), sizeof(list) / sizeof((list)[0]))])

static struct str
login_of(struct str user)
{
    const char *slash = memchr(user.at, '\\', user.len);
    return slash ? str_cut(user, (size_t)(slash - user.at) + 1, user.len)
                 : user;
}

static struct str
user_of(const struct sample *sample, enum sample_file file,
        const struct entry *entry, struct rng *actor)
{
    unsigned parts = sample->catalog.rules[entry->rule].family->parts;
    if (file == SERVER_FILE)
        return str_of(parts & PART_LOGIN ? PICK(actor, tried_accounts)
                                         : PICK(actor, own_accounts));
    const struct hosts *hosts = &sample->site.of[ENDPOINT_FILE];
    if (entry->attack > 0 && attack_scripts[entry->attack - 1].one_user) {
        const struct cast *cast = &sample->plan.cast[entry->attack - 1];
        return hosts->at[cast->host[ENDPOINT_FILE][0]].user;
    }
    return rng_below(actor, 12) == 0 ? STR("NT AUTHORITY\\SYSTEM")
                                     : hosts->at[entry->host].user;
}

/* Another machine of the same unit, or of the site. In an attack it is the
 * first machine cast, where it all came from. */
static uint32_t
peer_of(const struct sample *sample, enum sample_file file,
        const struct entry *entry, struct rng *rng)
{
    const struct hosts *hosts = &sample->site.of[file];
    uint32_t begin = 0, end = hosts->n;
    if (entry->attack > 0) {
        const struct cast *cast = &sample->plan.cast[entry->attack - 1];
        if (cast->host[file][0] != entry->host)
            return hosts->at[cast->host[file][0]].ip;
    } else if (rng_below(rng, 4) != 0) {
        uint32_t group = hosts->at[entry->host].group;
        begin = hosts->begin[group];
        end = hosts->begin[group + 1];
    }
    uint32_t peer = begin + rng_below(rng, end - begin);
    if (peer == entry->host)
        peer = peer > 0 ? peer - 1 : hosts->n - 1;
    return hosts->at[peer].ip;
}

/* In the order of words_services. */
static const uint16_t service_ports[] = {22,   3389, 21,   25,  143, 3306,
                                         1433, 5432, 1521, 443, 443, 443};

static uint16_t
port_of(const struct sample_rule *rule, struct rng *rng)
{
    const struct words *list = rule->family->first;
    unsigned parts = rule->family->parts;
    int64_t port;
    if (list == &words_ports && str_to_i64(str_of(rule->first), &port))
        return (uint16_t)port;
    for (size_t i = 0; list == &words_services && i < list->n; i++)
        if (rule->first == list->at[i])
            return service_ports[i];
    if (parts & PART_WEB)
        return rng_below(rng, 4) == 0 ? 80 : 443;
    return parts & (PART_IN | PART_SWEEP) ? PICK(rng, in_ports)
                                          : PICK(rng, out_ports);
}

struct facts
facts_of(const struct sample *sample, enum sample_file file, uint32_t place)
{
    const struct entry *entry = &sample->plan.file[file].entries[place];
    struct rng actor = rng_of(sample->seed, RNG_ACTOR, entry->actor);
    struct rng own =
        rng_of(sample->seed, RNG_ALERT, (uint64_t)file << 32 | place);
    struct facts facts = {
        .rule = &sample->catalog.rules[entry->rule],
        .host = &sample->site.of[file].at[entry->host],
    };
    unsigned parts = facts.rule->family->parts;
    const struct stories *group = &stories[facts.rule->family->story];
    uint32_t address = wheel_spin(&sample->address_wheel, &actor);
    facts.remote = sample->addresses[address];
    uint32_t variant = rng_below(&actor, 8);
    uint32_t story = rng_below(&actor, group->n);
    facts.story = &group->at[story];
    facts.document =
        words_documents.at[rng_below(&actor, (uint32_t)words_documents.n)];
    facts.folder = PICK(&actor, folders);
    facts.user = user_of(sample, file, entry, &actor);
    facts.login = login_of(facts.user);
    facts.remote_port = port_of(facts.rule, &actor);
    facts.n = 3 + rng_below(&own, 1U << (3 + rng_below(&own, 7)));
    facts.local_port = (uint16_t)(49152 + rng_below(&own, 16384));
    facts.pid = 400 + 4 * rng_below(&own, 5000);
    if (parts & (PART_IN | PART_SWEEP))
        facts.remote =
            peer_of(sample, file, entry, parts & PART_IN ? &actor : &own);
    facts.file_seed = (uint64_t)entry->rule << 3 | variant;
    facts.story_seed =
        UINT64_C(1) << 40 | (uint64_t)facts.rule->family->story << 8 | story;
    return facts;
}

void
buf_ip(struct buf *buf, uint32_t ip)
{
    char text[16];
    size_t n = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        uint32_t byte = ip >> shift & 255;
        if (byte >= 100)
            text[n++] = (char)('0' + byte / 100);
        if (byte >= 10)
            text[n++] = (char)('0' + byte / 10 % 10);
        text[n++] = (char)('0' + byte % 10);
        if (shift > 0)
            text[n++] = '.';
    }
    buf_add(buf, (struct str){text, n});
}

void
buf_hash(struct buf *buf, uint64_t seed, int n_words)
{
    static const char digits[] = "0123456789abcdef";
    struct rng rng = rng_of(seed, RNG_FILE_HASH, 0);
    for (int i = 0; i < n_words; i++) {
        char text[16];
        uint64_t word = rng_next(&rng);
        for (size_t j = 0; j < sizeof text; j++, word >>= 4)
            text[j] = digits[word & 15];
        buf_add(buf, (struct str){text, sizeof text});
    }
}

/* Names reserved for examples (RFC 2606), so that they are nobody's. */
static void
fill_domain(struct buf *buf, const struct facts *facts)
{
    static const char *const ends[] = {".example", ".example.com",
                                       ".example.net", ".example.org"};
    struct rng rng = rng_of(facts->file_seed, RNG_FILE_HASH, 1);
    char text[16];
    size_t n = 6 + rng_below(&rng, 8);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + rng_below(&rng, 26));
    buf_add(buf, (struct str){text, n});
    buf_add(buf, str_of(PICK(&rng, ends)));
}

/* Six letters that go with the file. */
static void
fill_hex(struct buf *buf, const struct facts *facts)
{
    struct rng rng = rng_of(facts->file_seed, RNG_FILE_HASH, 2);
    char text[6];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "0123456789abcdef"[rng_below(&rng, 16)];
    buf_add(buf, (struct str){text, sizeof text});
}

/* What looks like a Base64 command. */
static void
fill_code(struct buf *buf, const struct facts *facts)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                  "qrstuvwxyz0123456789+/";
    struct rng rng = rng_of(facts->file_seed, RNG_FILE_HASH, 3);
    char text[96];
    size_t n = 48 + 4 * (size_t)rng_below(&rng, 12);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 2 == 1 ? 'A' : letters[rng_below(&rng, 64)];
    buf_add(buf, (struct str){text, n});
}

static void
fill_file(struct buf *buf, const struct facts *facts)
{
    facts_fill(buf, facts->folder, facts);
    if (facts->rule->first && facts->rule->first[0] == '.') {
        buf_add(buf, str_of(facts->document));
        buf_add(buf, str_of(facts->rule->first));
    } else if (facts->file_seed % 3 == 0) {
        buf_add(buf, str_of(facts->document));
        buf_add(buf, STR(".exe"));
    } else {
        fill_hex(buf, facts);
        buf_add(buf, facts->file_seed % 2 ? STR(".exe") : STR(".tmp"));
    }
}

static void
fill_one(struct buf *buf, struct str name, const struct facts *facts)
{
    switch (name.at[0]) {
    case '1':
        buf_add(buf, str_of(facts->rule->first));
        break;
    case '2':
        buf_add(buf, str_of(facts->rule->second));
        break;
    case 'c':
        fill_code(buf, facts);
        break;
    case 'd':
        if (name.at[2] == 'm')
            fill_domain(buf, facts);
        else
            buf_add(buf, str_of(facts->document));
        break;
    case 'f':
        fill_file(buf, facts);
        break;
    case 'h':
        if (name.at[1] == 'o')
            buf_add(buf, facts->host->name);
        else
            fill_hex(buf, facts);
        break;
    case 'i':
        buf_ip(buf, facts->host->ip);
        break;
    case 'l':
        buf_add(buf, facts->login);
        break;
    case 'n':
        buf_u64(buf, facts->n);
        break;
    case 'p':
        if (name.at[1] == 'r')
            facts_fill(buf, facts->story->process, facts);
        else
            buf_u64(buf, name.at[1] == 'o' ? facts->remote_port : facts->pid);
        break;
    case 'r':
        buf_ip(buf, facts->remote);
        break;
    default: /* user */
        buf_add(buf, facts->user);
        break;
    }
}

void
facts_fill(struct buf *buf, const char *text, const struct facts *facts)
{
    struct str rest = str_of(text), name;
    for (;;) {
        const char *open = memchr(rest.at, '{', rest.len);
        if (!open)
            break;
        size_t n = (size_t)(open - rest.at);
        buf_add(buf, str_cut(rest, 0, n));
        rest = str_cut(rest, n + 1, rest.len);
        if (!str_split(&rest, '}', &name))
            return; /* a text of ours that is never closed */
        fill_one(buf, name, facts);
    }
    buf_add(buf, rest);
}
