/* SPDX-License-Identifier: Apache-2.0
 *
 * Charts as SVG inside the HTML: stacked bars by severity and one line of
 * days. All arithmetic is on integers, so the same figures give the same
 * bytes. Colours grow darker with severity and stay apart in grey print; what
 * was not collected is hatched, never drawn as 0. */
#include "report/document_priv.h"

/* In units of the picture; the page scales it. */
enum {
    WIDTH = 920,
    HEIGHT = 300,
    LEFT = 80,
    RIGHT = 12,
    TOP = 34,
    BOTTOM = 30,
    PLOT_WIDTH = WIDTH - LEFT - RIGHT,
    PLOT_HEIGHT = HEIGHT - TOP - BOTTOM,
    MAX_TICKS = 5,
    FINE = 10, /* tenths of a unit */
};

static const char *const colours[N_SEVERITIES] = {
    [SEVERITY_UNKNOWN] = "#8d8d8d", [SEVERITY_INFORMATIONAL] = "#cfd8dc",
    [SEVERITY_LOW] = "#9ec5e8",     [SEVERITY_MEDIUM] = "#f2c14e",
    [SEVERITY_HIGH] = "#dd6e1f",    [SEVERITY_CRITICAL] = "#8e1b1b",
    [SEVERITY_FATAL] = "#3d0c11",
};

/* A point at which the axis ends, and the step of its marks. */
struct scale {
    uint64_t step, top;
};

static uint64_t
column_sum(const struct chart *chart, size_t point)
{
    uint64_t sum = 0;
    for (size_t s = 0; s < chart->n_series; s++)
        sum += chart->series[s].value[point];
    return sum;
}

/* Steps of 1, 2 or 5 times a power of ten, at most MAX_TICKS of them. */
static struct scale
scale_of(const struct chart *chart)
{
    uint64_t most = 1, step = 1;
    for (size_t i = 0; i < chart->n_points; i++)
        if (column_sum(chart, i) > most)
            most = column_sum(chart, i);
    if (most > UINT64_MAX / 100)
        most = UINT64_MAX / 100;
    for (int k = 0; most / step >= MAX_TICKS; k++)
        step = k % 3 == 1 ? step / 2 * 5 : step * 2;
    return (struct scale){step, (most / step + 1) * step};
}

/* Tenths of a unit from the bottom of the plot. */
static int64_t
height_of(uint64_t value, struct scale scale)
{
    if (value > scale.top)
        value = scale.top;
    uint64_t top = scale.top;
    while (top > UINT64_MAX / (PLOT_HEIGHT * FINE)) {
        top /= 2;
        value /= 2;
    }
    return (int64_t)(value * (PLOT_HEIGHT * FINE) / top);
}

static void
tenths(struct buf *out, int64_t n)
{
    buf_format(out, "%d.%d", (int)(n / FINE), (int)(n % FINE));
}

/* Where the slot of a point begins, in tenths. */
static int64_t
slot_at(const struct chart *chart, size_t point)
{
    return LEFT * FINE + (int64_t)(point * (PLOT_WIDTH * FINE) /
                                   (chart->n_points ? chart->n_points : 1));
}

static void
write_axis(const struct chart *chart, enum language language,
           struct scale scale, struct buf *out)
{
    for (uint64_t value = 0; value <= scale.top; value += scale.step) {
        int64_t y = (TOP + PLOT_HEIGHT) * FINE - height_of(value, scale);
        buf_format(out, "<path class=\"%s\" d=\"M%d ",
                   value == 0 ? "axis" : "grid", LEFT);
        tenths(out, y);
        buf_format(out, "H%d\"/><text class=\"y\" x=\"%d\" y=\"", WIDTH - RIGHT,
                   LEFT - 8);
        tenths(out, y + 4 * FINE);
        buf_add(out, STR("\">"));
        buf_number(out, language, value);
        buf_add(out, STR("</text>\n"));
    }
    for (size_t i = 0; i < chart->n_points; i++) {
        if (chart->label[i].len == 0)
            continue;
        int64_t x = (slot_at(chart, i) + slot_at(chart, i + 1)) / 2;
        buf_add(out, STR("<text class=\"x\" x=\""));
        tenths(out, x);
        buf_format(out, "\" y=\"%d\">", TOP + PLOT_HEIGHT + 20);
        buf_html(out, chart->label[i]);
        buf_add(out, STR("</text>\n"));
    }
}

static void
write_rect(struct buf *out, int64_t x, int64_t y, int64_t width, int64_t height)
{
    buf_add(out, STR("<rect x=\""));
    tenths(out, x);
    buf_add(out, STR("\" y=\""));
    tenths(out, y);
    buf_add(out, STR("\" width=\""));
    tenths(out, width);
    buf_add(out, STR("\" height=\""));
    tenths(out, height);
    buf_add(out, STR("\""));
}

static void
write_missing(const struct chart *chart, struct buf *out)
{
    for (size_t i = 0; i < chart->n_points; i++) {
        if (!chart->missing[i])
            continue;
        int64_t x = slot_at(chart, i);
        write_rect(out, x, TOP * FINE, slot_at(chart, i + 1) - x,
                   PLOT_HEIGHT * FINE);
        buf_add(out, STR(" class=\"missing\"/>\n"));
    }
}

static void
write_bars(const struct chart *chart, enum language language,
           struct scale scale, struct buf *out)
{
    int64_t share = chart->n_points > 16 ? 1 : 4; /* of a slot is space */
    for (size_t i = 0; i < chart->n_points; i++) {
        int64_t slot = slot_at(chart, i + 1) - slot_at(chart, i);
        int64_t space = slot * share / 20;
        uint64_t below = 0;
        for (size_t s = 0; s < chart->n_series; s++) {
            uint64_t value = chart->series[s].value[i];
            int64_t low = height_of(below, scale);
            int64_t high = height_of(below + value, scale);
            below += value;
            if (value == 0)
                continue;
            write_rect(out, slot_at(chart, i) + space,
                       (TOP + PLOT_HEIGHT) * FINE - high, slot - 2 * space,
                       high - low);
            buf_format(out, " fill=\"%s\"><title>",
                       colours[chart->series[s].severity]);
            buf_html(out, chart->series[s].name);
            buf_add(out, STR(": "));
            buf_number(out, language, value);
            buf_add(out, STR("</title></rect>\n"));
        }
    }
}

/* The line is broken where data is missing. */
static void
write_line(const struct chart *chart, struct scale scale, struct buf *out)
{
    bool pen = false;
    buf_add(out, STR("<path class=\"line\" d=\""));
    for (size_t i = 0; i < chart->n_points; i++) {
        if (chart->missing[i]) {
            pen = false;
            continue;
        }
        buf_char(out, pen ? 'L' : 'M');
        tenths(out, (slot_at(chart, i) + slot_at(chart, i + 1)) / 2);
        buf_char(out, ' ');
        tenths(out, (TOP + PLOT_HEIGHT) * FINE -
                        height_of(column_sum(chart, i), scale));
        pen = true;
    }
    buf_add(out, STR("\"/>\n"));
}

static void
write_legend(const struct chart *chart, struct buf *out)
{
    size_t x = LEFT;
    for (size_t s = 0; s < chart->n_series; s++) {
        buf_format(out,
                   "<rect x=\"%zu\" y=\"8\" width=\"12\" height=\"12\" "
                   "fill=\"%s\"/><text class=\"key\" x=\"%zu\" y=\"18\">",
                   x, colours[chart->series[s].severity], x + 17);
        buf_html(out, chart->series[s].name);
        buf_add(out, STR("</text>\n"));
        x += 17 + width_str(chart->series[s].name) * 8 + 22;
    }
}

void
chart_write(const struct chart *chart, enum language language, struct buf *out)
{
    if (chart->n_points == 0)
        return;
    struct scale scale = scale_of(chart);
    buf_format(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
               WIDTH, HEIGHT);
    buf_html(out, chart->title);
    buf_add(out, STR("\">\n"));
    write_missing(chart, out);
    write_axis(chart, language, scale, out);
    if (chart->line) {
        write_line(chart, scale, out);
    } else {
        write_bars(chart, language, scale, out);
        write_legend(chart, out);
    }
    buf_add(out, STR("</svg>\n"));
}
