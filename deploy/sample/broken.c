/* SPDX-License-Identifier: Apache-2.0
 *
 * A handful of broken messages, each a kind of its own. They keep the host
 * where the key is looked for, where they can. */
#include "message.h"

const struct broken_kind broken_kinds[N_BROKEN] = {
    {"cut_json", "syntax", ENDPOINT_FILE},
    {"bad_utf8", "not_utf8", ENDPOINT_FILE},
    {"duplicate_key", "duplicate_key", ENDPOINT_FILE},
    {"number_range", "number_range", ENDPOINT_FILE},
    {"too_deep", "too_deep", ENDPOINT_FILE},
    {"trailing", "trailing", ENDPOINT_FILE},
    {"a_string", "shape", ENDPOINT_FILE},
    {"no_json", "syntax", ENDPOINT_FILE},
    {"foreign", "foreign", ENDPOINT_FILE},
    {"cut_case", "syntax", SERVER_FILE},
    {"foreign_case", "foreign", SERVER_FILE},
    {"single_quotes", "syntax", SERVER_FILE},
};

#define HOST "\"agent\":{\"hostname\":\"STTTT-PC-001\"}"
#define SERVER "\"server\":{\"name\":\"SRV-DVC-01\"}"

static void
write_deep(struct buf *buf)
{
    buf_add(buf, STR("{" HOST ",\"x\":"));
    for (int i = 0; i < 80; i++)
        buf_char(buf, '[');
    for (int i = 0; i < 80; i++)
        buf_char(buf, ']');
    buf_char(buf, '}');
}

void
message_broken(const struct sample *sample, uint32_t i, struct buf *buf,
               struct buf *scratch)
{
    size_t from = buf->len;
    switch (i) {
    case 0:
        message_endpoint(sample, 0, buf, scratch);
        buf->len = from + (buf->len - from) / 2;
        break;
    case 1:
        buf_add(buf, STR("{" HOST ",\"alert_id\":\"AJ-\xff\xfe\"}"));
        break;
    case 2:
        buf_add(buf, STR("{" HOST ",\"alert_id\":\"1\",\"alert_id\":\"2\"}"));
        break;
    case 3:
        buf_add(buf, STR("{" HOST ",\"alert_id\":1e999}"));
        break;
    case 4:
        write_deep(buf);
        break;
    case 5:
        buf_add(buf, STR("{" HOST ",\"alert_id\":\"1\"} end"));
        break;
    case 6:
        buf_add(buf, STR("\"STTTT-PC-001 is down\""));
        break;
    case 7:
        buf_add(buf, STR("NODE STTTT-PC-001 DOWN"));
        break;
    case 8:
        buf_add(buf, STR("{" HOST ",\"cpu\":97,\"unit\":\"percent\"}"));
        break;
    case 9:
        message_server(sample, 0, 1, buf, scratch);
        buf->len = from + (buf->len - from) / 2;
        break;
    case 10:
        buf_add(buf, STR("{" SERVER ",\"heartbeat\":true}"));
        break;
    default:
        buf_add(buf, STR("{'case_id':'1','server':{'name':'SRV-DVC-01'}}"));
        break;
    }
}
