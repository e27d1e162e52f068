/* SPDX-License-Identifier: Apache-2.0
 *
 * What messages say, and what a hostile title, name or address cannot make
 * them say. */
#include "respond/message.h"

#include "base/times.h"
#include "base/visible.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct buf buf;
static struct message_ticket ticket[JOURNAL_MAX_TICKETS];
static char id[JOURNAL_MAX_TICKETS][16];
static struct message message;

static void
setup(void)
{
    buf = (struct buf){0};
    for (int i = 0; i < JOURNAL_MAX_TICKETS; i++) {
        snprintf(id[i], sizeof id[i], "T%08d", i);
        ticket[i] = (struct message_ticket){
            .id = str_of(id[i]),
            .priority = 1,
            .severity = SEVERITY_CRITICAL,
            .title = {STR("Dò mật khẩu rồi đăng nhập thành công"),
                      STR("Brute force, then success")},
            .first_step = {STR("Khóa tài khoản."), STR("Lock the account.")},
            .system = STR("portal"),
            .host = STR("SRV-01"),
            .count = 1234,
        };
    }
    message = (struct message){
        .id = STR("0123456789abcdef"),
        .kind = MESSAGE_PAGE,
        .language = VIETNAMESE,
        .at_ms = INT64_C(1728096000000),
        .name = STR("Nguyễn Văn An"),
        .ticket = ticket,
        .n_tickets = 1,
        .by = STR("Lê Thị Hà"),
        .code = STR("482913"),
        .link = STR("https://soc.example/a/1.2.3"),
        .site = STR("Tỉnh"),
    };
}

static void
teardown(void)
{
    buf_free(&buf);
}

TestSuite(message, .init = setup, .fini = teardown);

static bool
says(const char *text)
{
    return str_contains(buf_str(&buf), str_of(text));
}

/* Every character is one septet of GSM 03.38. */
static bool
is_one_sms(struct str text)
{
    static const char fine[] =
        "@$_ !\"#%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "abcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < text.len; i++)
        if (!str_contains(str_of(fine), str_cut(text, i, i + 1)))
            return false;
    return text.len <= SMS_MAX;
}

Test(message, an_sms_names_ticket_host_title_and_code_without_marks)
{
    message_sms(&buf, &message);
    cr_expect(str_equal(buf_str(&buf),
                        STR("P1 T00000000 SRV-01: Do mat khau roi dang nhap "
                            "thanh cong. Nhan: tra loi 482913")),
              "%.*s", STR_ARG(buf_str(&buf)));
}

Test(message, an_sms_fits_whatever_is_in_it_and_keeps_ticket_and_code)
{
    static char huge[5000], odd[256];
    memset(huge, 'x', sizeof huge);
    for (size_t i = 0; i < sizeof odd; i++)
        odd[i] = (char)i;
    const struct str texts[] = {STR(""),
                                {huge, sizeof huge},
                                {odd, sizeof odd},
                                STR("Đặng Ðỗ ỲÝỶỸỴ ²€[]{}|^~\\`\r\n\0"),
                                STR("{1}{2}{3} %s%n"),
                                STR("\xe2\x80\xae reversed \xf0\x9f\x98\x80")};
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        for (int kind = 0; kind < 4; kind++)
            for (size_t n = 1; n <= JOURNAL_MAX_TICKETS; n += 21)
                for (int how = 0; how < 4; how++) {
                    ticket[0].title = (struct both){texts[t], texts[t]};
                    ticket[0].host = message.by = texts[t];
                    message.kind = (enum message_kind)kind;
                    message.n_tickets = n;
                    message.drill = how & 1;
                    message.language = how & 2 ? ENGLISH : VIETNAMESE;
                    buf_clear(&buf);
                    message_sms(&buf, &message);
                    struct str text = buf_str(&buf);
                    cr_expect(is_one_sms(text), "text %zu: %zu: %.*s", t,
                              text.len, STR_ARG(text));
                    if (kind == MESSAGE_PAGE || kind == MESSAGE_BACKLOG)
                        cr_expect(says("T00000000") && says("482913"),
                                  "text %zu: %.*s", t, STR_ARG(text));
                    cr_expect_eq(message.drill,
                                 says("DIEN TAP") || says("EXERCISE"));
                }
}

Test(message, an_sms_of_many_says_how_many_it_could_not_name)
{
    message.n_tickets = 40;
    message_sms(&buf, &message);
    unsigned named = 0, more = 0;
    for (int i = 0; i < 40; i++)
        named += says(id[i]);
    struct str text = buf_str(&buf);
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '+')
            more = (unsigned)strtoul(text.at + i + 1, NULL, 10);
    cr_expect_eq(named + more, 40, "%.*s", STR_ARG(text));
}

/* A small reader of what we wrote: the head, unfolded. */
static struct str
header(struct str mail, const char *name)
{
    struct str rest = mail, line;
    while (str_split(&rest, '\n', &line) && line.len > 1)
        if (str_starts(line, str_of(name)))
            return str_trim(str_cut(line, strlen(name), line.len));
    return NO_STR;
}

static size_t
head_lines(struct str mail)
{
    struct str rest = mail, line;
    size_t n = 0;
    while (str_split(&rest, '\n', &line) && line.len > 1)
        n += line.at[0] != ' ';
    return n;
}

Test(message, a_mail_has_lines_that_servers_take)
{
    message.n_tickets = JOURNAL_MAX_TICKETS;
    message_mail(&buf, &message,
                 (struct mail_head){STR("soc@a.example"), STR("an@a.example")});
    struct str rest = buf_str(&buf), line;
    while (str_split(&rest, '\n', &line)) {
        cr_assert(line.len <= 79 && line.len > 0 &&
                      line.at[line.len - 1] == '\r' && line.at[0] != '.',
                  "%.*s", STR_ARG(line));
        for (size_t i = 0; i + 1 < line.len; i++)
            cr_assert(line.at[i] >= ' ' && line.at[i] < 127);
    }
    cr_expect(str_equal(header(buf_str(&buf), "Date:"),
                        STR("Sat, 5 Oct 2024 09:40:00 +0700")));
    cr_expect(str_equal(header(buf_str(&buf), "Message-ID:"),
                        STR("<0123456789abcdef@a.example>")));
}

Test(message, nothing_from_outside_adds_a_header)
{
    message_mail(&buf, &message,
                 (struct mail_head){STR("soc@a.example"), STR("an@a.example")});
    size_t n = head_lines(buf_str(&buf));
    static const struct str evil = STR("x\r\nBcc: e@e.example\r\n\r\nbody");
    ticket[0].title = (struct both){evil, evil};
    message.name = message.by = message.site = ticket[0].host = evil;
    for (int kind = 0; kind < 4; kind++) {
        message.kind = (enum message_kind)kind;
        buf_clear(&buf);
        message_mail(&buf, &message, (struct mail_head){evil, evil});
        cr_expect_leq(head_lines(buf_str(&buf)), n, "kind %d", kind);
        cr_expect(!says("\nBcc"));
        cr_expect(!says("\r\n\r\nbody"));
    }
}

/* What lies in the base64 of the last part: by re-encoding the needle at its
 * three alignments would be longer than decoding. */
static void
decode_last_part(struct buf *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct str mail = buf_str(&buf);
    size_t begin = 0;
    for (size_t i = 0; i + 4 < mail.len; i++)
        if (memcmp(mail.at + i, "\r\n\r\n", 4) == 0)
            begin = i + 4;
    uint32_t bits = 0, n = 0;
    for (size_t i = begin; i < mail.len && mail.at[i] != '-'; i++) {
        const char *digit = strchr(digits, mail.at[i]);
        if (digit == NULL || mail.at[i] == '\0')
            continue;
        bits = bits << 6 | (uint32_t)(digit - digits);
        if ((n += 6) >= 8)
            buf_char(out, (char)(bits >> (n -= 8)));
    }
}

Test(message, html_of_strangers_is_text)
{
    static const struct str evil =
        STR("</div><script>alert('x')</script><a href=\"j\">&amp;\xe2\x80\xae");
    struct buf html = {0};
    ticket[0].title = ticket[0].first_step = (struct both){evil, evil};
    ticket[0].host = ticket[0].system = message.name = message.site = evil;
    message.link = STR("https://soc.example/a/\"><script>");
    message_mail(&buf, &message,
                 (struct mail_head){STR("soc@a.example"), STR("an@a.example")});
    decode_last_part(&html);
    struct str text = buf_str(&html);
    cr_assert(str_starts(text, STR("<!DOCTYPE html>")), "%.*s", STR_ARG(text));
    cr_expect(!str_contains(text, STR("<script")));
    cr_expect(!str_contains(text, STR("\xe2\x80\xae")));
    cr_expect(str_contains(text, STR("&lt;script&gt;")));
    cr_expect(str_contains(text, STR("Nhận xử lý")));
    buf_free(&html);
}

Test(message, json_is_json_whatever_is_in_it)
{
    struct arena arena = arena_reserve(1 << 20);
    char *start = arena.at;
    struct json_reader *reader = json_reader_new();
    const struct json *root;
    ticket[0].title.vi = STR("a\"\\\x01\xff{1}");
    message.n_tickets = 3;
    message_json(&buf, &message, STR("an"));
    cr_assert_eq(json_read(reader, buf_str(&buf), &arena, &root), JSON_FINE,
                 "%.*s", STR_ARG(buf_str(&buf)));
    const struct json *tickets = json_get(root, STR("tickets"));
    cr_assert(tickets != NULL && tickets->n_children == 3);
    cr_expect(
        str_equal(json_get(root, STR("reply_code"))->text, STR("482913")));
    json_reader_free(reader);
    arena_release(start, arena);
}

Test(message, ids_and_codes_stay_and_differ)
{
    char a[MESSAGE_ID_LEN], b[MESSAGE_ID_LEN], code[REPLY_CODE_LEN];
    struct str tickets[] = {STR("T1"), STR("T2")};
    struct journal_send send = {.kind = MESSAGE_PAGE,
                                .channel = STR("sms"),
                                .ticket = tickets,
                                .n_tickets = 2};
    message_id_make(a, STR("an"), &send, 1);
    message_id_make(b, STR("an"), &send, 1);
    cr_expect_arr_eq(a, b, sizeof a);
    message_id_make(b, STR("an"), &send, 2);
    cr_expect_neq(memcmp(a, b, sizeof a), 0);
    send.channel = STR("mail");
    message_id_make(b, STR("an"), &send, 1);
    cr_expect_neq(memcmp(a, b, sizeof a), 0);
    message_code_make(code, (struct str){a, sizeof a});
    for (size_t i = 0; i < sizeof code; i++)
        cr_expect(code[i] >= '0' && code[i] <= '9');
}

Test(reply, a_code_takes_a_no_refuses_and_anything_else_does_nothing)
{
    static const struct {
        const char *text;
        enum reply reply;
    } rows[] = {
        {"482913", REPLY_ACK},
        {" 482913. ", REPLY_ACK},
        {"OK 482913 em nhan", REPLY_ACK},
        {"Đã nhận 482913", REPLY_ACK},
        {"bạn ơi mình nhận nhé 482913", REPLY_ACK},
        {"482913 482913", REPLY_ACK},
        {"khong 482913", REPLY_REFUSES},
        {"Không nhận được 482913", REPLY_REFUSES},
        {"482913 no", REPLY_REFUSES},
        {"Ko 482913", REPLY_REFUSES},
        {"482913 482914", REPLY_UNCLEAR},
        {"48291", REPLY_UNCLEAR},
        {"4829135", REPLY_UNCLEAR},
        {"x482913", REPLY_UNCLEAR},
        {"", REPLY_UNCLEAR},
        {"T7K3Q9ZAB", REPLY_UNCLEAR},
        {"no", REPLY_UNCLEAR},
        {"0912345678", REPLY_UNCLEAR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char code[REPLY_CODE_LEN] = "";
        enum reply reply = reply_read(str_of(rows[i].text), code);
        cr_expect_eq(reply, rows[i].reply, "row %zu: %d", i, reply);
        if (rows[i].reply == REPLY_ACK)
            cr_expect_arr_eq(code, "482913", 6, "row %zu", i);
    }
}

Test(visible, marks_go_and_every_vietnamese_letter_stays_readable)
{
    struct buf out = {0};
    buf_unmarked(&out, STR("ĂÂĐÊÔƠƯ ăâđêôơư áàảãạ ấầẩẫậ ắằẳẵặ éèẻẽẹ ếềểễệ "
                           "íìỉĩị óòỏõọ ốồổỗộ ớờởỡợ úùủũụ ứừửữự ýỳỷỹỵ "
                           "“x” – … a\xcc\x81"));
    cr_expect(
        str_equal(buf_str(&out),
                  STR("AADEOOU aadeoou aaaaa aaaaa aaaaa eeeee eeeee iiiii "
                      "ooooo ooooo ooooo uuuuu uuuuu yyyyy \"x\" - ... a")),
        "%.*s", STR_ARG(buf_str(&out)));
    buf_free(&out);
}

Test(visible, visible_text_is_one_line_cut_between_characters)
{
    static const struct {
        struct str in;
        size_t max;
        struct str out;
    } rows[] = {
        {STR("a\r\nb\tc\x7f"), 99, STR("a  b c ")},
        {STR("\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbfx"), 99, STR("x")},
        {STR("\xff\xc3"), 99, STR("\xef\xbf\xbd\xef\xbf\xbd")},
        {STR("ệệệệ"), 12, STR("ệệệệ")},
        {STR("ệệệệ"), 11, STR("ệệ…")},
        {STR("abcdef"), 5, STR("ab…")},
        {STR("\xc2\x9b[31m"), 99, STR(" [31m")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = {0};
        buf_visible(&out, rows[i].in, rows[i].max);
        cr_expect(str_equal(buf_str(&out), rows[i].out), "row %zu: %.*s", i,
                  STR_ARG(buf_str(&out)));
        buf_free(&out);
    }
}

Test(visible, base64_as_rfc_4648_says)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = {0};
        buf_base64(&out, str_of(rows[i][0]));
        cr_expect(str_equal(buf_str(&out), str_of(rows[i][1])), "row %zu", i);
        buf_free(&out);
    }
}
