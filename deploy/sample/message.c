/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert's message as its sensor would send it: JSON, member by member. */
#include "message.h"

#include "base/times.h"

#include <inttypes.h>

void
message_id(const struct sample *sample, struct buf *buf, enum sample_file file,
           uint32_t place)
{
    uint64_t number = sample->first_id + place;
    if (file == ENDPOINT_FILE)
        buf_format(buf, "AJ-%02d-%08" PRIu64, sample->id_year % 100, number);
    else
        buf_format(buf, "CC-%d-%06" PRIu64, sample->id_year, number);
}

/* One JSON object under way: commas are its business. */
struct pen {
    struct buf *buf, *scratch;
    const struct facts *facts;
    bool first;
};

static void
pen_key(struct pen *pen, const char *key)
{
    if (!pen->first)
        buf_char(pen->buf, ',');
    pen->first = false;
    buf_char(pen->buf, '"');
    buf_add(pen->buf, str_of(key));
    buf_add(pen->buf, STR("\":"));
}

static void
pen_str(struct pen *pen, const char *key, struct str value)
{
    pen_key(pen, key);
    buf_json(pen->buf, value);
}

static void
pen_text(struct pen *pen, const char *key, const char *text)
{
    buf_clear(pen->scratch);
    facts_fill(pen->scratch, text, pen->facts);
    pen_str(pen, key, buf_str(pen->scratch));
}

static void
pen_number(struct pen *pen, const char *key, int64_t n)
{
    pen_key(pen, key);
    buf_i64(pen->buf, n);
}

static void
pen_ip(struct pen *pen, const char *key, uint32_t ip)
{
    buf_clear(pen->scratch);
    buf_ip(pen->scratch, ip);
    pen_str(pen, key, buf_str(pen->scratch));
}

static void
pen_hash(struct pen *pen, const char *key, uint64_t seed, int n_words)
{
    buf_clear(pen->scratch);
    buf_hash(pen->scratch, seed, n_words);
    pen_str(pen, key, buf_str(pen->scratch));
}

static void
pen_open(struct pen *pen, const char *key)
{
    pen_key(pen, key);
    buf_char(pen->buf, '{');
    pen->first = true;
}

static void
pen_close(struct pen *pen)
{
    buf_char(pen->buf, '}');
    pen->first = false;
}

/* "2024-03-05 14:22:31.250", UTC+7, no zone. */
static void
pen_local_time(struct pen *pen, const char *key, int64_t ms)
{
    buf_clear(pen->scratch);
    buf_iso(pen->scratch, ms, VIETNAM_MINUTES);
    pen->scratch->at[10] = ' ';
    pen_str(pen, key, str_cut(buf_str(pen->scratch), 0, 23));
}

static void
write_process(struct pen *pen)
{
    const struct facts *facts = pen->facts;
    pen_open(pen, "process");
    pen_text(pen, "name", facts->story->process);
    pen_text(pen, "path", facts->story->path);
    pen_number(pen, "pid", facts->pid);
    pen_text(pen, "cmdline", facts->story->command);
    pen_text(pen, "parent_name", facts->story->parent);
    pen_text(pen, "parent_cmdline", facts->story->parent_command);
    pen_hash(pen, "sha256", facts->story_seed, 4);
    pen_close(pen);
}

static void
write_file(struct pen *pen)
{
    pen_open(pen, "file");
    pen_text(pen, "path", "{file}");
    pen_hash(pen, "md5", pen->facts->file_seed | UINT64_C(1) << 32, 2);
    pen_hash(pen, "sha256", pen->facts->file_seed, 4);
    pen_close(pen);
}

static void
write_network(struct pen *pen, unsigned parts)
{
    const struct facts *facts = pen->facts;
    bool in = (parts & PART_IN) != 0;
    pen_open(pen, "network");
    pen_ip(pen, "src_ip", in ? facts->remote : facts->host->ip);
    pen_number(pen, "src_port", facts->local_port);
    pen_ip(pen, "dst_ip", in ? facts->host->ip : facts->remote);
    pen_number(pen, "dst_port", facts->remote_port);
    pen_str(pen, "protocol",
            facts->remote_port == 53 ? STR("udp") : STR("tcp"));
    if (parts & PART_OUT)
        pen_text(pen, "domain", "{domain}");
    if (parts & PART_URL)
        pen_text(pen, "url", "https://{domain}/{hex}?id={n}");
    pen_close(pen);
}

static void
write_agent(struct pen *pen)
{
    const struct host *host = pen->facts->host;
    pen_open(pen, "agent");
    buf_clear(pen->scratch);
    buf_format(pen->scratch, "%016" PRIx64, host->agent_id);
    pen_str(pen, "id", buf_str(pen->scratch));
    pen_str(pen, "hostname", host->name);
    pen_ip(pen, "ip", host->ip);
    pen_str(pen, "os", host->os);
    pen_str(pen, "user", pen->facts->user);
    pen_close(pen);
}

static struct pen
pen_begin(struct buf *buf, struct buf *scratch, const struct facts *facts)
{
    buf_char(buf, '{');
    return (struct pen){buf, scratch, facts, true};
}

void
message_endpoint(const struct sample *sample, uint32_t place, struct buf *buf,
                 struct buf *scratch)
{
    struct facts facts = facts_of(sample, ENDPOINT_FILE, place);
    const struct family *family = facts.rule->family;
    struct pen pen = pen_begin(buf, scratch, &facts);
    pen_key(&pen, "alert_id");
    buf_char(buf, '"');
    message_id(sample, buf, ENDPOINT_FILE, place);
    buf_char(buf, '"');
    pen_local_time(&pen, "detect_time",
                   sample->plan.file[ENDPOINT_FILE].entries[place].time_ms);
    pen_str(&pen, "severity", str_of(class_facts[family->class].word));
    pen_str(&pen, "status", STR("NEW"));
    pen_open(&pen, "rule");
    pen_str(&pen, "id", facts.rule->id);
    pen_str(&pen, "name", facts.rule->name);
    pen_close(&pen);
    pen_key(&pen, "mitre");
    buf_char(buf, '[');
    if (family->technique)
        buf_json(buf, str_of(family->technique));
    buf_char(buf, ']');
    write_agent(&pen);
    if (family->parts & PART_PROCESS)
        write_process(&pen);
    if (family->parts & PART_FILE)
        write_file(&pen);
    if (family->parts & (PART_OUT | PART_IN | PART_SWEEP))
        write_network(&pen, family->parts);
    pen_text(&pen, "description", family->text);
    buf_char(buf, '}');
}

/* Who came from where to where; what happened on the server alone has no
 * addresses but an account. */
static void
write_server_ends(struct pen *pen, unsigned parts)
{
    const struct facts *facts = pen->facts;
    bool out = (parts & PART_OUT) != 0;
    bool net = (parts & (PART_OUT | PART_FROM | PART_IN)) != 0;
    pen_open(pen, "server");
    pen_str(pen, "name", facts->host->name);
    pen_ip(pen, "ip", facts->host->ip);
    pen_close(pen);
    pen_open(pen, "source");
    if (net) {
        pen_ip(pen, "ip", out ? facts->host->ip : facts->remote);
        pen_number(pen, "port", facts->local_port);
    }
    if (!net || (parts & (PART_LOGIN | PART_IN)))
        pen_str(pen, "user", facts->user);
    pen_close(pen);
    if (net) {
        pen_open(pen, "destination");
        pen_ip(pen, "ip", out ? facts->remote : facts->host->ip);
        pen_number(pen, "port", facts->remote_port);
        pen_close(pen);
    }
}

static void
write_uri(struct pen *pen)
{
    static const char *const pages[] = {
        "/",
        "/login.aspx",
        "/api/v1/tra-cuu?ma={n}",
        "/dich-vu-cong/nop-ho-so/{n}",
        "/upload/{hex}.aspx",
        "/index.php?id={n}%20UNION%20SELECT%201,2,3--",
        "/Default.aspx?tab={n}",
        "/search?q=%27%20OR%201%3D1--",
        "/cgi-bin/{hex}.sh",
        "/tin-tuc/{n}/thong-bao",
    };
    const struct facts *facts = pen->facts;
    const char *path = facts->rule->first;
    if (!path || path[0] != '/')
        path = pages[facts->file_seed % (sizeof pages / sizeof pages[0])];
    pen_text(pen, "uri", path);
}

void
message_server(const struct sample *sample, uint32_t place, int revision,
               struct buf *buf, struct buf *scratch)
{
    static const char *const status[] = {"new", "assigned", "resolved"};
    const char *verdict = revision < 3     ? ""
                          : place % 4 == 0 ? "Báo động nhầm"
                                           : "Đúng";
    struct facts facts = facts_of(sample, SERVER_FILE, place);
    const struct family *family = facts.rule->family;
    struct pen pen = pen_begin(buf, scratch, &facts);
    pen_key(&pen, "case_id");
    buf_char(buf, '"');
    message_id(sample, buf, SERVER_FILE, place);
    buf_char(buf, '"');
    pen_number(&pen, "revision", revision);
    pen_number(&pen, "occurred_at",
               sample->plan.file[SERVER_FILE].entries[place].time_ms);
    pen_str(&pen, "severity", str_of(class_facts[family->class].word));
    pen_str(&pen, "status", str_of(status[revision - 1]));
    pen_str(&pen, "verdict", str_of(verdict));
    pen_str(&pen, "rule_id", facts.rule->id);
    pen_str(&pen, "rule_name", facts.rule->name);
    pen_str(&pen, "technique", str_of(family->technique));
    write_server_ends(&pen, family->parts);
    if (family->parts & PART_WEB)
        write_uri(&pen);
    pen_text(&pen, "summary", family->text);
    buf_char(buf, '}');
}
