/* SPDX-License-Identifier: Apache-2.0
 *
 * The acknowledge page. The one idea: somebody woken at night sees, without
 * scrolling far, what it is, who has it, and one large button. Every text is
 * made visible and escaped; colours say nothing that words do not. */
#include "page.h"

#include "base/visible.h"

enum { TITLE_MAX = 200, STEP_MAX = 1200, NAME_MAX_BYTES = 120 };

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{margin:0;font:17px/1.45 system-ui,-apple-system,Roboto,\"Segoe UI\","
    "Arial,sans-serif;background:#f3f4f6;color:#16191d}"
    "main{max-width:34rem;margin:0 auto;padding:16px}"
    "h1{font-size:1.25rem;margin:4px 0 12px}"
    ".t{background:#fff;border:1px solid #d5d9de;border-left:6px solid #5b6570;"
    "border-radius:8px;padding:10px 14px;margin:0 0 12px}"
    ".p1{border-left-color:#b3261e}.p2{border-left-color:#c05600}"
    ".p3{border-left-color:#8a7000}"
    ".t b{font-size:1.05rem}.s{color:#4a535c;font-size:.92rem}"
    ".l{margin:8px 0 0;font-size:.95rem}.l span{color:#4a535c}"
    "form{margin:0 0 12px}"
    "button{width:100%;font:inherit;font-size:1.2rem;font-weight:bold;"
    "padding:18px;border:0;border-radius:10px;background:#0b5394;color:#fff}"
    "button:focus-visible{outline:3px solid #f0b400;outline-offset:2px}"
    ".ok{background:#e2f2e5;border:1px solid #7db88a;border-radius:8px;"
    "padding:12px 14px;margin:0 0 12px}"
    ".no{background:#fdf0d5;border:1px solid #d2a94a;border-radius:8px;"
    "padding:12px 14px;margin:0 0 12px}"
    "footer{color:#4a535c;font-size:.85rem;margin:16px 0}"
    "@media(prefers-color-scheme:dark){body{background:#111418;color:#e8eaed}"
    ".t{background:#1c2127;border-color:#39414a;border-left-color:#8b96a1}"
    ".p1{border-left-color:#f2b8b5}.p2{border-left-color:#ffb77c}"
    ".p3{border-left-color:#e3c44b}"
    ".s,.l span,footer{color:#aab3bd}button{background:#8ab8ef;color:#06223f}"
    ".ok{background:#14301b;border-color:#3f7a4d}"
    ".no{background:#3a2d0c;border-color:#8a6d1f}}";

static void
add_text(struct buf *buf, struct str text, size_t max)
{
    struct buf plain = {0};
    buf_visible(&plain, text, max);
    buf_html(buf, buf_str(&plain));
    buf_free(&plain);
}

static void
add_phrase(struct buf *buf, const struct page *page, enum phrase name,
           const struct str *args, size_t n)
{
    struct buf text = {0};
    buf_phrase(&text, page->language, name, args, n);
    add_text(buf, buf_str(&text), STEP_MAX);
    buf_free(&text);
}

static void
add_labelled(struct buf *buf, const struct page *page, enum phrase label,
             struct both words)
{
    struct str text = both_in(words, page->language == ENGLISH);
    if (text.len == 0)
        return;
    buf_add(buf, STR("<p class=\"l\"><span>"));
    add_phrase(buf, page, label, NULL, 0);
    buf_add(buf, STR(":</span> "));
    add_text(buf, text, STEP_MAX);
    buf_add(buf, STR("</p>\n"));
}

static void
add_ticket(struct buf *buf, const struct page *page,
           const struct http_ticket *ticket)
{
    int priority =
        ticket->priority >= 1 && ticket->priority <= 4 ? ticket->priority : 4;
    buf_format(buf, "<section class=\"t p%d\"><b>", priority);
    if (ticket->known) {
        buf_format(buf, "P%d ", priority);
        add_text(buf, both_in(ticket->title, page->language == ENGLISH),
                 TITLE_MAX);
    } else {
        add_text(buf, ticket->id, NAME_MAX_BYTES);
    }
    buf_add(buf, STR("</b><div class=\"s\">"));
    if (ticket->known) {
        add_text(buf, ticket->id, NAME_MAX_BYTES);
        buf_add(buf, STR(" · "));
        if (ticket->finished)
            add_phrase(buf, page, P_PAGE_FINISHED, NULL, 0);
        else if (ticket->has.len > 0)
            add_phrase(buf, page, P_PAGE_HAS_IT, &ticket->has, 1);
        else
            add_phrase(buf, page, P_PAGE_NOBODY, NULL, 0);
    }
    buf_add(buf, STR("</div>\n"));
    add_labelled(buf, page, P_FIRST_STEP, ticket->first_step);
    add_labelled(buf, page, P_USUALLY_HARMLESS, ticket->harmless);
    buf_add(buf, STR("</section>\n"));
}

static void
add_box(struct buf *buf, const struct page *page, const char *class,
        enum phrase title, enum phrase note)
{
    buf_format(buf, "<div class=\"%s\" role=\"status\"><b>", class);
    add_phrase(buf, page, title, NULL, 0);
    buf_add(buf, STR("</b><br>"));
    add_phrase(buf, page, note, NULL, 0);
    buf_add(buf, STR("</div>\n"));
}

static void
add_head(struct buf *buf, const struct page *page)
{
    buf_format(buf,
               "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta "
               "charset=\"utf-8\">\n<meta name=\"viewport\" "
               "content=\"width=device-width,initial-scale=1\">\n<meta "
               "name=\"robots\" content=\"noindex\">\n<title>",
               page->language == ENGLISH ? "en" : "vi");
    add_phrase(buf, page, P_PAGE_TITLE, NULL, 0);
    buf_add(buf, STR("</title>\n<style>"));
    buf_add(buf, str_of(style));
    buf_add(buf, STR("</style></head>\n<body><main>\n"));
}

static void
add_state(struct buf *buf, const struct page *page)
{
    switch (page->state) {
    case PAGE_ASKS:
        buf_add(buf, STR("<h1>"));
        add_phrase(buf, page, P_PAGE_ASKS, &page->name, 1);
        buf_add(buf, STR("</h1>\n"));
        break;
    case PAGE_DONE:
        add_box(buf, page, "ok", P_PAGE_DONE, P_PAGE_DONE_NOTE);
        break;
    case PAGE_EXPIRED:
        add_box(buf, page, "no", P_PAGE_EXPIRED, P_PAGE_EXPIRED_NOTE);
        break;
    case PAGE_WRONG:
        add_box(buf, page, "no", P_PAGE_WRONG, P_PAGE_WRONG_NOTE);
        break;
    case PAGE_LATER:
        add_box(buf, page, "no", P_PAGE_LATER, P_PAGE_LATER_NOTE);
        break;
    }
}

/* The button comes before the third ticket at the latest: within reach. */
static void
add_button(struct buf *buf, const struct page *page)
{
    buf_add(buf, STR("<form method=\"post\" action=\""));
    buf_html(buf, page->path);
    buf_add(buf, STR("\"><button type=\"submit\">"));
    add_phrase(buf, page, P_BUTTON_TAKE, NULL, 0);
    buf_add(buf, STR("</button></form>\n"));
}

void
page_write(struct buf *buf, const struct page *page)
{
    enum { ABOVE = 2 };
    bool button = page->state == PAGE_ASKS || page->state == PAGE_LATER;
    add_head(buf, page);
    add_state(buf, page);
    for (size_t i = 0; i < page->n_tickets; i++) {
        if (i == ABOVE && button)
            add_button(buf, page);
        add_ticket(buf, page, &page->ticket[i]);
    }
    if (button && page->path.len > 0 && page->n_tickets <= ABOVE)
        add_button(buf, page);
    buf_add(buf, STR("<footer>"));
    add_phrase(buf, page, P_PRODUCT, NULL, 0);
    buf_add(buf, STR("</footer>\n</main></body></html>\n"));
}
