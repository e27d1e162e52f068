/* SPDX-License-Identifier: Apache-2.0
 *
 * The sample is read back as the service would read it, by the shipped
 * mappings and inventory, and held against the plan's figures and against
 * truth.json. The nine months are read whole; a sanitizer's build reads a
 * part of them. */
#include "sample_world.h"

#include "base/hash.h"
#include "base/times.h"

#include <string.h>

static void
world_add_readers(struct world *w)
{
    struct complaints complaints = {0};
    static const char *const paths[N_SAMPLE_FILES] = {
        "deploy/sources/ajiant.yml", "deploy/sources/cycir.yml"};
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        w->source[f] = source_load(paths[f], &w->arena, &complaints);
        cr_assert(w->source[f], "%.*s", STR_ARG(buf_str(&complaints.text)));
    }
    w->inventory = inventory_load(INVENTORY, day_from_civil(2024, 9, 30),
                                  &w->arena, &complaints);
    cr_assert(w->inventory, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    w->decoder = decoder_new();
    cr_assert(w->decoder);
}

/* Writes both files to `line`, whose first member is the world. */
static void
world_write(struct world *w, bool (*line)(void *, const struct sample_line *),
            void *to)
{
    for (int f = 0; f < N_SAMPLE_FILES; f++)
        cr_assert(sample_write(&w->sample, (enum sample_file)f,
                               (struct sample_sink){line, to},
                               w->written.broken_line));
}

/* --- the same seed */

struct sum {
    uint32_t crc;
    uint64_t n, bytes;
};

static bool
sum_line(void *to, const struct sample_line *line)
{
    struct sum *sum = to;
    sum->crc = hash_crc32c(sum->crc, line->text);
    sum->n++;
    sum->bytes += line->text.len + 1;
    return true;
}

static struct sum
sum_of(uint64_t seed, int64_t scale_ppm)
{
    static struct world w;
    struct sum sum = {0};
    world_begin(&w, seed, scale_ppm);
    world_write(&w, sum_line, &sum);
    uint64_t n = (uint64_t)sample_n_messages(&w.sample, ENDPOINT_FILE) +
                 sample_n_messages(&w.sample, SERVER_FILE);
    cr_expect_eq(sum.n, n);
    world_end(&w);
    return sum;
}

Test(sample, the_same_seed_gives_the_same_bytes_and_another_one_others)
{
    struct sum first = sum_of(7, SMALL_PPM), again = sum_of(7, SMALL_PPM),
               other = sum_of(8, SMALL_PPM);
    cr_expect_eq(first.crc, again.crc);
    cr_expect_eq(first.bytes, again.bytes);
    cr_expect_neq(first.crc, other.crc);
}

static bool
stop_at_ten(void *to, const struct sample_line *line)
{
    (void)line;
    return ++*(int *)to < 10;
}

Test(sample, a_sink_that_is_full_stops_the_writing)
{
    static struct world w;
    int n = 0;
    world_begin(&w, 1, SCALE_MIN_PPM);
    cr_expect_not(sample_write(&w.sample, ENDPOINT_FILE,
                               (struct sample_sink){stop_at_ten, &n},
                               w.written.broken_line));
    cr_expect_eq(n, 10);
    world_end(&w);
}

/* --- the nine months, read back */

struct reading {
    struct world *w;
    enum sample_file file;
    uint64_t counted[N_ALERT_CLASSES], attacks;
    uint64_t updates, duplicates, broken, n_technique;
    uint64_t n_high[N_SAMPLE_FILES], n_high_no_kind[N_SAMPLE_FILES];
    uint64_t n_shifted[N_SAMPLE_FILES], n_late[N_SAMPLE_FILES];
    uint64_t bytes, lines;
    int64_t newest_ms;
    uint32_t day[CALENDAR_DAYS], night, weekend;
    uint8_t *seen[N_SAMPLE_FILES]; /* by place: the revision had */
    uint32_t *noise_of_rule, *noise_of_host[N_SAMPLE_FILES];
};

static void
reading_begin(struct reading *r, struct world *w)
{
    *r = (struct reading){.w = w};
    world_add_readers(w);
    struct arena *arena = &w->arena;
    r->noise_of_rule =
        arena_take(arena, w->sample.catalog.n_rules, sizeof(uint32_t));
    cr_assert(r->noise_of_rule);
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        r->seen[f] = arena_take(arena, w->sample.plan.file[f].n_entries, 1);
        r->noise_of_host[f] =
            arena_take(arena, w->sample.site.of[f].n, sizeof(uint32_t));
        cr_assert(r->seen[f] && r->noise_of_host[f]);
    }
}

/* How the service would name what is wrong with the line. */
static enum split_fault
read_line(struct reading *r, const struct sample_line *line,
          struct arena *scratch, struct alert *alert)
{
    const struct source *source = r->w->source[line->file];
    const struct element *elements;
    size_t n;
    enum split_fault fault =
        source_split(source, r->w->decoder, line->text, scratch, &elements, &n);
    if (fault != SPLIT_FINE)
        return fault;
    cr_assert_eq(n, 1);
    if (elements[0].fault != SPLIT_FINE)
        return elements[0].fault;
    *alert = (struct alert){0};
    return source_map(source, &elements[0], calendar_at(10, 4, 0, 0), scratch,
                      alert);
}

static void
check_broken(struct reading *r, const struct sample_line *line)
{
    struct arena scratch = r->w->scratch;
    struct alert alert;
    size_t i = 0;
    /* The writer notes the line after the sink has had it: broken messages
     * are recognised by their text. */
    struct buf text = {0}, other = {0};
    for (; i < N_BROKEN; i++) {
        buf_clear(&text);
        message_broken(&r->w->sample, (uint32_t)i, &text, &other);
        if (str_equal(buf_str(&text), line->text))
            break;
    }
    cr_assert_lt(i, N_BROKEN);
    cr_expect_eq(broken_kinds[i].file, line->file);
    struct str fault = split_fault_id(read_line(r, line, &scratch, &alert));
    cr_expect(str_equal(fault, str_of(broken_kinds[i].fault)), "%s: %.*s",
              broken_kinds[i].id, STR_ARG(fault));
    r->broken++;
    buf_free(&text);
    buf_free(&other);
}

/* One alert as the mapping read it against the entry it was made from. */
static void
check_alert(struct reading *r, const struct sample_line *line,
            struct alert *alert)
{
    const struct sample *sample = &r->w->sample;
    const struct entry *entry = line->entry;
    const struct sample_rule *rule = &sample->catalog.rules[entry->rule];
    const struct host *host = &sample->site.of[line->file].at[entry->host];
    struct buf id = {0};
    message_id(sample, &id, line->file,
               (uint32_t)(entry - sample->plan.file[line->file].entries));
    cr_assert(str_equal(alert->field[ALERT_VENDOR_ID], buf_str(&id)));
    cr_assert(str_equal(alert->field[ALERT_HOST], host->name));
    cr_assert(str_equal(alert->field[ALERT_RULE_NAME], rule->name));
    cr_assert(str_equal(alert->field[ALERT_RULE_ID], rule->id));
    cr_assert_eq(alert->event_ms, entry->time_ms);
    cr_assert(str_equal(severity_id(alert->severity),
                        str_of(class_facts[rule->family->class].id)),
              "%.*s: %.*s", STR_ARG(severity_id(alert->severity)),
              STR_ARG(line->text));
    cr_assert(str_equal(alert->field[ALERT_VENDOR_SEVERITY],
                        str_of(class_facts[rule->family->class].word)));
    cr_assert_eq(memchr(line->text.at, '\n', line->text.len), NULL);
    inventory_apply(r->w->inventory, alert);
    cr_assert_gt(alert->unit.len, 0, "%.*s", STR_ARG(host->name));
    if (line->file == SERVER_FILE)
        cr_assert_gt(alert->level, 0, "%.*s", STR_ARG(host->name));
    buf_free(&id);
}

static void
count_alert(struct reading *r, const struct sample_line *line,
            const struct alert *alert)
{
    const struct entry *entry = line->entry;
    enum alert_class class =
        r->w->sample.catalog.rules[entry->rule].family->class;
    r->counted[class]++;
    r->n_technique += alert->n_techniques > 0;
    if (alert->severity >= SEVERITY_HIGH) {
        r->n_high[line->file]++;
        r->n_high_no_kind[line->file] += alert->kind == KIND_NONE;
    }
    int64_t since = alert->event_ms - calendar_at(1, 1, 0, 0);
    int64_t day = since / MS_PER_DAY, hour = since / 3600000 % 24;
    cr_assert(since >= 0 && day < CALENDAR_DAYS);
    r->attacks += entry->attack > 0;
    if (entry->attack == 0) {
        r->noise_of_rule[entry->rule]++;
        r->noise_of_host[line->file][entry->host]++;
    }
    if (line->file == ENDPOINT_FILE) {
        r->day[day]++;
        r->night += hour < 6 || hour >= 19;
        r->weekend += day % 7 >= 5; /* the first of January was a Monday */
    }
    int64_t behind = r->newest_ms - alert->event_ms;
    cr_assert(behind <= 480000 ||
              (behind >= MS_PER_DAY && behind <= 3 * MS_PER_DAY));
    r->n_shifted[line->file] += behind > 0 && behind <= 480000;
    r->n_late[line->file] += behind > 480000;
    if (behind < 0)
        r->newest_ms = alert->event_ms;
}

static bool
read_back(void *to, const struct sample_line *line)
{
    struct reading *r = to;
    struct arena scratch = r->w->scratch;
    struct alert alert;
    if (line->number == 1)
        r->newest_ms = INT64_MIN / 2;
    r->lines++;
    r->bytes += line->text.len + 1;
    if (!line->entry) {
        check_broken(r, line);
        return true;
    }
    cr_assert_eq(read_line(r, line, &scratch, &alert), SPLIT_FINE);
    check_alert(r, line, &alert);
    uint8_t *seen =
        &r->seen[line->file]
                [line->entry - r->w->sample.plan.file[line->file].entries];
    static const char *const status[N_SAMPLE_FILES][4] = {
        {"", "NEW", "", ""}, {"", "new", "assigned", "resolved"}};
    uint8_t revision = line->kind == EXTRA_ASSIGNED   ? 2
                       : line->kind == EXTRA_RESOLVED ? 3
                                                      : 1;
    cr_assert(str_equal(alert.field[ALERT_STATUS],
                        str_of(status[line->file][revision])));
    switch (line->kind) {
    case EXTRA_ALERT:
        cr_assert_eq(*seen, 0);
        *seen = 1;
        count_alert(r, line, &alert);
        break;
    case EXTRA_DUPLICATE:
        cr_assert_eq(*seen, 1); /* what it repeats stands before it */
        r->duplicates++;
        break;
    case EXTRA_ASSIGNED:
    case EXTRA_RESOLVED:
        cr_assert_eq(*seen, revision - 1);
        *seen = revision;
        r->updates++;
        break;
    case EXTRA_BROKEN:
    default:
        cr_assert_fail("a broken message has no entry");
    }
    return true;
}

static void
check_share(const char *what, uint64_t n, uint64_t of, double low, double high)
{
    double share = (double)n / (double)of;
    cr_expect(share >= low && share <= high, "%s: %.5f", what, share);
}

Test(sample, the_nine_months_have_the_figures_of_the_plan)
{
    static struct world w;
    static struct reading r;
    static const struct {
        enum alert_class class;
        uint64_t n;
    } plan[] = {
        {SERVER_MEDIUM, 15035},    {SERVER_HIGH, 6592},
        {SERVER_CRITICAL, 2556},   {ENDPOINT_LOW, 43288},
        {ENDPOINT_MEDIUM, 377993}, {ENDPOINT_HIGH, 142807},
    };
    world_begin(&w, 2024, FULL_PPM);
    reading_begin(&r, &w);
    world_write(&w, read_back, &r);
    uint64_t all = 0;
    for (size_t i = 0; i < N_ALERT_CLASSES; i++) {
        uint64_t wanted = (plan[i].n * FULL_PPM + ALL_PPM / 2) / ALL_PPM;
        cr_expect_eq(r.counted[plan[i].class], wanted, "row %zu", i);
        all += wanted;
    }
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        const struct file_plan *file = &w.sample.plan.file[f];
        uint64_t n = file->n_entries;
        cr_expect_eq(r.n_shifted[f], (n * 9 + 500) / 1000);
        cr_expect_eq(r.n_late[f], (n + 500) / 1000);
        cr_expect_eq(r.n_shifted[f], file->n_shifted);
        cr_expect_eq(r.n_late[f], file->n_late);
    }
    cr_expect_eq(r.broken, N_BROKEN);
    uint64_t servers = w.sample.plan.file[SERVER_FILE].n_entries;
    check_share("updated cases", r.updates, servers, 0.45, 0.60);
    check_share("duplicates", r.duplicates, all, 0.0005, 0.0015);
    check_share("bytes a line", r.bytes, r.lines * 630, 0.95, 1.05);
    check_share("with a technique", r.n_technique, all, 0.40, 0.60);
    /* status warns from 0.05; a small sample is too grainy to tell */
    for (int f = 0; FULL_PPM == ALL_PPM && f < N_SAMPLE_FILES; f++)
        check_share("no kind", r.n_high_no_kind[f], r.n_high[f], 0.02, 0.04);
    world_end(&w);
}

Test(sample, offices_sleep_at_night_at_weekends_and_at_tet)
{
    static struct world w;
    static struct reading r;
    world_begin(&w, 3, FULL_PPM < ALL_PPM / 10 ? FULL_PPM : ALL_PPM / 10);
    reading_begin(&r, &w);
    world_write(&w, read_back, &r);
    uint64_t all = 0, tet = 0;
    for (int i = 0; i < CALENDAR_DAYS; i++) {
        all += r.day[i];
        tet += i >= 38 && i <= 44 ? r.day[i] : 0; /* 8 to 14 February */
    }
    check_share("by night", r.night, all, 0.02, 0.2);
    check_share("at weekends", r.weekend, all, 0.03, 0.15);
    check_share("at Tết", tet, all, 0.0005, 0.006); /* evenly: 0.0255 */
    world_end(&w);
}

/* --- the attacks */

Test(sample, rules_and_machines_of_attacks_occur_in_the_noise_too)
{
    static struct world w;
    static struct reading r;
    world_begin(&w, 2024, FULL_PPM);
    reading_begin(&r, &w);
    world_write(&w, read_back, &r);
    uint64_t n_rules = 0, n_machines = 0, n_attacks = 0;
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        const struct file_plan *file = &w.sample.plan.file[f];
        for (uint32_t i = 0; i < file->n_entries; i++) {
            const struct entry *entry = &file->entries[i];
            if (entry->attack == 0)
                continue;
            n_attacks++;
            cr_assert_neq(entry->standing, STANDS_LATE);
            if (FULL_PPM < ALL_PPM) /* a small one has quiet rules */
                continue;
            cr_expect_gt(r.noise_of_host[f][entry->host], 0);
            cr_expect_gt(r.noise_of_rule[entry->rule], 0, "%.*s",
                         STR_ARG(w.sample.catalog.rules[entry->rule].name));
        }
        for (uint32_t i = 0; i < w.sample.site.of[f].n; i++)
            n_machines += r.noise_of_host[f][i] > 0;
    }
    for (uint32_t i = 0; i < w.sample.catalog.n_rules; i++)
        n_rules += r.noise_of_rule[i] > 0;
    cr_expect_eq(n_attacks, r.attacks);
    cr_expect_gt(n_attacks, 500);
    if (FULL_PPM == ALL_PPM) {
        cr_expect_geq(n_rules, 3000);
        cr_expect_geq(n_machines, 4000);
    }
    world_end(&w);
}

static int64_t
number_at(const struct json *root, const char *key)
{
    int64_t n = -1;
    const struct json *node = json_get(root, str_of(key));
    cr_assert(node && str_to_i64(node->text, &n), "%s", key);
    return n;
}

/* The entry an alert's id names, or NULL. */
static const struct entry *
entry_of(const struct sample *sample, struct str id, enum sample_file *file)
{
    int64_t n = 0;
    *file = str_starts(id, STR("AJ-24-")) ? ENDPOINT_FILE : SERVER_FILE;
    struct str digits = str_cut(id, *file == ENDPOINT_FILE ? 6 : 8, id.len);
    const struct file_plan *plan = &sample->plan.file[*file];
    return str_to_i64(digits, &n) && n >= 1 && n <= plan->n_entries
               ? &plan->entries[n - 1]
               : NULL;
}

static bool
names_host(const struct json *hosts, struct str name)
{
    const struct json *host = json_first(hosts);
    for (uint32_t i = 0; i < hosts->n_children; i++, host = json_next(host))
        if (str_equal(host->text, name))
            return true;
    return false;
}

static void
check_attack(const struct sample *sample, const struct json *attack,
             size_t number)
{
    const struct json *ids = json_get(attack, STR("alerts")),
                      *hosts = json_get(attack, STR("hosts"));
    int64_t first_ms = INT64_MAX, last_ms = INT64_MIN, first, last;
    cr_assert(ids && hosts);
    cr_expect_eq(number_at(attack, "n"), ids->n_children);
    const struct json *id = json_first(ids);
    for (uint32_t i = 0; i < ids->n_children; i++, id = json_next(id)) {
        enum sample_file file;
        const struct entry *entry = entry_of(sample, id->text, &file);
        cr_assert(entry && entry->attack == number + 1);
        struct str host = sample->site.of[file].at[entry->host].name;
        cr_expect(names_host(hosts, host), "%.*s", STR_ARG(host));
        first_ms = entry->time_ms < first_ms ? entry->time_ms : first_ms;
        last_ms = entry->time_ms > last_ms ? entry->time_ms : last_ms;
    }
    cr_expect(time_from_iso(json_get(attack, STR("first"))->text, 0, &first));
    cr_expect(time_from_iso(json_get(attack, STR("last"))->text, 0, &last));
    cr_expect_eq(first, first_ms);
    cr_expect_eq(last, last_ms);
    cr_expect_gt(json_get(attack, STR("name_vi"))->text.len, 0);
    cr_expect_gt(json_get(attack, STR("name_en"))->text.len, 0);
}

static void
check_truth_files(const struct sample *sample, const struct json *files,
                  const struct reading *r)
{
    const struct json *file = json_first(files);
    int64_t messages = 0, updates = 0, duplicates = 0, broken = 0;
    cr_assert_eq(files->n_children, N_SAMPLE_FILES);
    for (size_t f = 0; f < N_SAMPLE_FILES; f++, file = json_next(file)) {
        cr_expect_eq(number_at(file, "counted"),
                     sample->plan.file[f].n_entries);
        cr_expect_eq(number_at(file, "out_of_order"), (int64_t)r->n_shifted[f]);
        cr_expect_eq(number_at(file, "late"), (int64_t)r->n_late[f]);
        cr_expect_eq(number_at(file, "messages"),
                     number_at(file, "counted") + number_at(file, "updates") +
                         number_at(file, "duplicates") +
                         number_at(file, "broken"));
        messages += number_at(file, "messages");
        updates += number_at(file, "updates");
        duplicates += number_at(file, "duplicates");
        broken += number_at(file, "broken");
    }
    cr_expect_eq(messages, (int64_t)r->lines);
    cr_expect_eq(updates, (int64_t)r->updates);
    cr_expect_eq(duplicates, (int64_t)r->duplicates);
    cr_expect_eq(broken, (int64_t)r->broken);
}

Test(sample, the_truth_says_what_the_files_hold)
{
    static struct world w;
    static struct reading r;
    struct buf text = {0};
    const struct json *root;
    world_begin(&w, 11, SMALL_PPM * 2);
    reading_begin(&r, &w);
    world_write(&w, read_back, &r);
    truth_write(&text, &w.sample, &w.written);
    struct json_reader *reader = json_reader_new();
    cr_assert_eq(json_read(reader, buf_str(&text), &w.scratch, &root),
                 JSON_FINE);
    cr_expect_eq(number_at(root, "seed"), 11);
    const struct json *counted = json_get(root, STR("counted"));
    const struct json *one = json_first(counted);
    for (uint32_t i = 0; i < counted->n_children; i++, one = json_next(one))
        cr_expect_eq(number_at(one, "n"), (int64_t)r.counted[i], "row %u", i);
    check_truth_files(&w.sample, json_get(root, STR("files")), &r);
    const struct json *broken = json_get(root, STR("broken"));
    cr_assert_eq(broken->n_children, N_BROKEN);
    one = json_first(broken);
    for (size_t i = 0; i < N_BROKEN; i++, one = json_next(one))
        cr_expect_gt(number_at(one, "line"), 0);
    const struct json *attacks = json_get(root, STR("attacks"));
    cr_assert_eq(attacks->n_children, N_ATTACKS);
    one = json_first(attacks);
    for (size_t a = 0; a < N_ATTACKS; a++, one = json_next(one))
        check_attack(&w.sample, one, a);
    json_reader_free(reader);
    buf_free(&text);
    world_end(&w);
}
