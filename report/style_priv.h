/* SPDX-License-Identifier: Apache-2.0
 *
 * The style sheet of the HTML report, as one string literal for write_html.c.
 * Sizes are those of paper, in mm and points; it must read the same on a
 * screen, and in print without colour. */
#ifndef REPORT_STYLE_PRIV_H
#define REPORT_STYLE_PRIV_H

/* clang-format off */
#define STYLE \
    "@page { size: A4; margin: 20mm 15mm 20mm 20mm }\n" \
    ":root { color-scheme: light }\n" \
    "body { max-width: 176mm; margin: 10mm auto; padding: 0 4mm;\n" \
    "  font: 13pt/1.45 \"Times New Roman\", \"Liberation Serif\", Tinos, serif;\n" \
    "  color: #111; background: #fff }\n" \
    "p { margin: 0 0 2mm; text-align: justify }\n" \
    "header { display: flex; justify-content: space-between; gap: 6mm;\n" \
    "  margin-bottom: 9mm }\n" \
    "header p { text-align: center; margin: 0 }\n" \
    "header .body { flex: 1 } header .nation { flex: none }\n" \
    "header .name, header .motto { white-space: nowrap }\n" \
    "header .name, header .motto { font-weight: bold }\n" \
    "header .body .name { text-transform: uppercase; white-space: normal }\n" \
    "header .name { font-size: 12pt } header .motto { font-size: 13pt }\n" \
    "header .place { font-style: italic; margin-top: 2mm }\n" \
    "header hr { width: 28%; border: 0; border-top: 0.4mm solid #111;\n" \
    "  margin: 1mm auto 2mm }\n" \
    "header .nation hr { width: 55% }\n" \
    "h1 { text-align: center; font-size: 15pt; line-height: 1.3; margin: 0;\n" \
    "  text-wrap: balance }\n" \
    "h1 span { font-size: 14pt }\n" \
    ".dates { text-align: center; font-style: italic; margin-bottom: 7mm }\n" \
    "h2 { font-size: 13pt; margin: 7mm 0 2.5mm; text-transform: uppercase;\n" \
    "  break-after: avoid }\n" \
    ".sentence { font-size: 13.5pt; text-indent: 10mm }\n" \
    ".note { font-size: 11pt; font-style: italic; color: #333 }\n" \
    ".warning { border: 0.4mm solid #8e1b1b; border-left-width: 2mm;\n" \
    "  padding: 1.5mm 3mm; margin-right: 0.5mm; font-weight: bold; text-align: left;\n" \
    "  break-inside: avoid }\n" \
    "table { border-collapse: collapse; width: 100%; margin: 3mm 0 5mm;\n" \
    "  font-size: 11pt; line-height: 1.3 }\n" \
    "caption { font-weight: bold; text-align: left; padding-bottom: 1.5mm;\n" \
    "  break-after: avoid }\n" \
    "th, td { border: 0.2mm solid #777; padding: 0.8mm 1.8mm; text-align: left;\n" \
    "  vertical-align: top; unicode-bidi: isolate }\n" \
    "td { white-space: nowrap }\n" \
    "td.long { white-space: normal; overflow-wrap: anywhere; min-width: 14em }\n" \
    "th { background: #eceff1; text-align: center; vertical-align: middle }\n" \
    "td.n { text-align: right; white-space: nowrap;\n" \
    "  font-variant-numeric: lining-nums tabular-nums }\n" \
    "td.missing { font-style: italic; color: #8e1b1b }\n" \
    "td i { font-style: normal; margin-right: -0.5em }\n" \
    "table.few { break-inside: avoid }\n" \
    "tr { break-inside: avoid }\n" \
    "thead { display: table-header-group }\n" \
    "tr.total td { font-weight: bold; background: #f6f7f8 }\n" \
    "table.dense { font-size: 9.5pt } .dense th, .dense td { padding: 0.4mm 1.2mm }\n" \
    "figure { margin: 4mm 0 6mm; break-inside: avoid }\n" \
    "figcaption { text-align: center; font-weight: bold; font-size: 11pt }\n" \
    "svg { display: block; width: 100%; height: auto;\n" \
    "  font: 15px \"Times New Roman\", \"Liberation Serif\", Tinos, serif }\n" \
    "svg .grid { stroke: #d5d9dc; fill: none } svg .axis { stroke: #333; fill: none }\n" \
    "svg .line { stroke: #1f4e79; stroke-width: 1.6; fill: none;\n" \
    "  stroke-linejoin: round }\n" \
    "svg .missing { fill: #8e1b1b; fill-opacity: 0.12 }\n" \
    "svg .x { text-anchor: middle } svg .y { text-anchor: end }\n" \
    "footer { display: flex; gap: 6mm; margin-top: 12mm; min-height: 42mm;\n" \
    "  break-inside: avoid; font-size: 12pt }\n" \
    "footer div { flex: 1; text-align: center } footer .to { text-align: left;\n" \
    "  font-size: 11pt }\n" \
    "@media screen { .wide { overflow-x: auto } }\n" \
    "@media screen and (max-width: 640px) {\n" \
    "  body { font-size: 12pt; margin-top: 4mm } p { text-align: left }\n" \
    "  header, footer { flex-direction: column; gap: 4mm }\n" \
    "  header .name, header .motto { white-space: normal }\n" \
    "  h2 { break-after: auto } table { font-size: 10pt }\n" \
    "  svg { min-width: 110mm } figure { overflow-x: auto } }\n" \
    "@media print { body { max-width: none; margin: 0; padding: 0 }\n" \
    "  th, tr.total td, td, rect { print-color-adjust: exact;\n" \
    "    -webkit-print-color-adjust: exact } }\n"
/* clang-format on */

#endif
