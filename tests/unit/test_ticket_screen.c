/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets on a terminal: no line is wider than it, hostile texts are harmless,
 * both languages say what is to be done first; what `tickets export` prints. */
#include "responder.h"

#include "daemon/feed_screen.h"
#include "daemon/ticket_screen.h"

static struct desk desk;
static struct buf out;

static void
setup(void)
{
    desk = desk_open();
    screen_start();
}

static void
teardown(void)
{
    desk_close(&desk);
    buf_free(&out);
}

TestSuite(ticket_screen, .init = setup, .fini = teardown);

static struct ticket
hostile_ticket(void)
{
    struct incident incident =
        incident_of(1, "SRV\x1b[2J\x1b]0;pwned\x07-1", 0);
    incident.title.vi = STR("Dò mật khẩu\x1b[31m \xe2\x80\xae giả mạo \xff rất "
                            "dài rất dài rất dài rất dài rất dài rất dài rất "
                            "dài rất dài");
    incident.options.first_step.vi =
        STR("Cô lập máy khỏi mạng, khóa tài khoản vừa đăng nhập, giữ nguyên "
            "nhật ký, báo lãnh đạo đơn vị và chờ hướng dẫn tiếp theo.\nGọi "
            "Viettel.");
    incident.users =
        (struct incident_names){{STR("an.nguyen"), STR("\r\nbinh")}, 2, 1204};
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &incident, NULL), FOLDED);
    struct str id =
        arena_copy(&desk.arena, tickets_changed_id(desk.tickets, 0));
    desk_act(&desk, id, "an\x1b[0m",
             (struct journal_act){.verb = ACT_RESOLVE,
                                  .verdict = VERDICT_BENIGN,
                                  .text = STR("x\x1b[2J")});
    return desk_ticket(&desk, id);
}

/* Every line fits, and nothing but printable text and line ends is in it. */
static void
check_screen(int width)
{
    struct str text = buf_str(&out), line;
    size_t n = 0;
    while (str_split(&text, '\n', &line)) {
        cr_expect_leq(screen_cells(line), width, "%.*s", STR_ARG(line));
        n++;
        for (size_t i = 0; i < line.len; i++)
            cr_assert((unsigned char)line.at[i] >= 0x20 && line.at[i] != 0x7f,
                      "byte %d in: %.*s", line.at[i], STR_ARG(line));
    }
    cr_expect_gt(n, 0);
    cr_expect_not(str_contains(buf_str(&out), STR("\xe2\x80\xae")));
}

Test(ticket_screen, fits_80_to_120_columns_and_is_harmless)
{
    struct ticket ticket = hostile_ticket();
    for (int width = 80; width <= 120; width += 20)
        for (int language = 0; language < 2; language++) {
            struct ticket_screen screen = {(enum language)language, width,
                                           false};
            buf_clear(&out);
            ticket_screen_head(&out, &screen);
            ticket_screen_line(&out, &screen, &ticket);
            ticket_screen_page(&out, &screen, &ticket);
            ticket_screen_why(&out, &screen, &ticket);
            check_screen(width);
        }
}

Test(ticket_screen, what_to_do_first_stands_before_what_is_known)
{
    struct ticket ticket = hostile_ticket();
    struct ticket_screen screen = {VIETNAMESE, 100, false};
    ticket_screen_page(&out, &screen, &ticket);
    const char *step = memmem(out.at, out.len, "VIỆC CẦN LÀM TRƯỚC", 22);
    const char *host = memmem(out.at, out.len, "SRV", 3);
    cr_assert(step && host);
    cr_expect_lt(step, host);
    cr_expect(str_contains(buf_str(&out), STR("và 1.204 nữa")));
    cr_expect(str_contains(buf_str(&out), STR("xử lý xong, vô hại")));
    cr_expect(str_contains(buf_str(&out), STR("01/05 10:00")));
    buf_clear(&out);
    screen.language = ENGLISH;
    ticket_screen_page(&out, &screen, &ticket);
    cr_expect(str_contains(buf_str(&out), STR("FIRST STEP")));
    cr_expect(str_contains(buf_str(&out), STR("resolved, benign")));
}

Test(ticket_screen, export_has_the_fields_of_the_design)
{
    struct incident incident = incident_of(1, "SRV-1", 0);
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &incident, NULL), FOLDED);
    struct ticket ticket =
        desk_ticket(&desk, tickets_changed_id(desk.tickets, 0));
    ticket_export(&out, &ticket);
    char id[TICKET_ID_LEN];
    ticket_id_make(id, incident.id, 0);
    struct buf wanted = {0};
    buf_format(
        &wanted,
        "{\"id\":\"%.9s\",\"severity\":\"high\",\"priority\":\"P2\",\"rule\":"
        "\"0e95725d-7320-415d-80f7-004da920fc11\",\"key\":{\"host\":\"SRV-1\"},"
        "\"state\":\"new\",\"first\":\"2024-05-01T02:50:00.000Z\",\"last\":"
        "\"2024-05-01T03:00:00.000Z\",\"count\":4,\"evidence\":["
        "{\"kind\":\"bruteforce\",\"alert_id\":\"1\",\"topic\":"
        "\"endpoint-alerts\",\"partition\":1,\"offset\":1000,\"index\":0},"
        "{\"kind\":\"bruteforce\",\"alert_id\":\"1\",\"topic\":"
        "\"endpoint-alerts\",\"partition\":1,\"offset\":1009,\"index\":0}]}\n",
        id);
    cr_expect(str_equal(buf_str(&out), buf_str(&wanted)), "%.*s",
              STR_ARG(buf_str(&out)));
    buf_free(&wanted);
}
