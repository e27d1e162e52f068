/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of the reports: X(name, Vietnamese, English); a part of the table
 * in model/phrases.h. The plan's sentence is made of the P_IN_ and P_SAYS_
 * rows. */
#ifndef MODEL_PHRASES_REPORT_H
#define MODEL_PHRASES_REPORT_H

/* One phrase, one row. */
/* clang-format off */
#define PHRASES_REPORT(X) \
    /* The head and foot of a document an official signs */ \
    X(P_NATION, \
      "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", \
      "SOCIALIST REPUBLIC OF VIET NAM") \
    X(P_MOTTO, \
      "Độc lập – Tự do – Hạnh phúc", \
      "Independence – Freedom – Happiness") \
    X(P_NUMBER_LINE, "Số: ……… /BC-………", "No.: ……… /BC-………") \
    X(P_DATE_LINE, "………, ngày …… tháng …… năm ………", "………, date: …… /…… /………") \
    X(P_DATED, "………, ngày {1} tháng {2} năm {3}", "………, {1}/{2}/{3}") \
    X(P_REPORT, "BÁO CÁO", "REPORT") \
    X(P_SUBJECT, \
      "Tình hình cảnh báo an toàn thông tin mạng {1}", \
      "Information security alerts, {1}") \
    X(P_FROM_TO, "Từ ngày {1} đến ngày {2}", "From {1} to {2}") \
    X(P_DASH_DATES, "{1} – {2}", "{1} – {2}") \
    X(P_PREPARED, "NGƯỜI LẬP BÁO CÁO", "PREPARED BY") \
    X(P_HEAD, "THỦ TRƯỞNG ĐƠN VỊ", "HEAD OF UNIT") \
    X(P_SIGN, "(Ký, ghi rõ họ tên)", "(signature, full name)") \
    X(P_SIGN_SEAL, \
      "(Ký, ghi rõ họ tên, đóng dấu)", \
      "(signature, full name, seal)") \
    X(P_RECIPIENTS, "Nơi nhận:", "Recipients:") \
    /* Names of periods. {1}: number, {2}: year; of a range: its two dates */ \
    X(P_IN_MONTH, "Trong tháng {1} năm {2}", "In {1} {2}") \
    X(P_IN_QUARTER, "Trong quý {1} năm {2}", "In quarter {1} of {2}") \
    X(P_IN_MONTHS, \
      "Trong {1} tháng đầu năm {2}", \
      "In the first {1} months of {2}") \
    X(P_IN_YEAR, "Trong năm {2}", "In {2}") \
    X(P_IN_RANGE, "Từ ngày {1} đến ngày {2}", "From {1} to {2}") \
    X(P_IN_BRACKETS, " (từ ngày {1} đến ngày {2})", " (from {1} to {2})") \
    X(P_TITLE_MONTH, "tháng {1}/{2}", "{1} {2}") \
    X(P_TITLE_QUARTER, "quý {1} năm {2}", "quarter {1} of {2}") \
    X(P_TITLE_MONTHS, "{1} tháng đầu năm {2}", "the first {1} months of {2}") \
    X(P_TITLE_YEAR, "năm {2}", "{2}") \
    X(P_TITLE_RANGE, "từ ngày {1} đến ngày {2}", "{1} to {2}") \
    X(P_SHORT_MONTH, "T{1}/{2}", "{1} {2}") \
    X(P_SHORT_QUARTER, "Quý {1}/{2}", "Quarter {1}/{2}") \
    X(P_SHORT_MONTHS, "{1} tháng {2}", "{1} months {2}") \
    X(P_SHORT_YEAR, "Năm {2}", "{2}") \
    /* The sentence: {1} the source; {1} a number, {2} a level */ \
    X(P_SAYS_HAS, " có ", " had ") \
    X(P_SAYS_ITEM, "{1} cảnh báo mức độ {2}", "{1} {2} alerts") \
    X(P_SAYS_UNKNOWN, \
      "{1} cảnh báo chưa rõ mức độ", \
      "{1} alerts of unknown severity") \
    X(P_SAYS_AND, " và ", " and ") \
    X(P_SAYS_NOTHING, " không có dữ liệu", " had no data") \
    X(P_SAYS_NO_SOURCE, \
      "không có nguồn nào có dữ liệu", \
      "no source had data") \
    /* Sections and what they say in words */ \
    X(P_S_SUMMARY, "Tóm tắt", "Summary") \
    X(P_S_SEVERITY, \
      "Cảnh báo theo nguồn và mức độ", \
      "Alerts by source and severity") \
    X(P_S_CHANGE, \
      "So sánh với các kỳ trước", \
      "Change against earlier periods") \
    X(P_S_TIME, "Diễn biến theo thời gian", "Course over time") \
    X(P_S_WHERE, \
      "Theo đơn vị và hệ thống thông tin", \
      "By unit and information system") \
    X(P_S_TOP, \
      "Quy tắc và máy có nhiều cảnh báo nhất", \
      "Sensor rules and hosts with the most alerts") \
    X(P_S_QUALITY, "Chất lượng số liệu", "Quality of the figures") \
    X(P_OVERALL, \
      "Tổng cộng {1} cảnh báo, bình quân {2} cảnh báo/ngày; {3} cảnh báo ({4}) ở mức độ cao trở lên, bình quân {5} cảnh báo/ngày.", \
      "{1} alerts in all, {2} a day; {3} of them ({4}) high or worse, {5} a day.") \
    X(P_OVERALL_BEFORE, \
      "So với kỳ liền trước ({1}): {2} ({3}).", \
      "Against the period before ({1}): {2} ({3}).") \
    X(P_OVERALL_YEAR, \
      "So với cùng kỳ năm trước ({1}): {2} ({3}).", \
      "Against the same period last year ({1}): {2} ({3}).") \
    X(P_NO_BEFORE, \
      "Kỳ liền trước ({1}) không có số liệu để so sánh.", \
      "The period before ({1}) has no figures to compare with.") \
    X(P_NO_YEAR, \
      "Cùng kỳ năm trước ({1}) không có số liệu để so sánh.", \
      "The same period last year ({1}) has no figures to compare with.") \
    X(P_RESTORING, \
      "Số liệu đang được khôi phục, chưa đầy đủ. Không ký phát hành bản này.", \
      "The figures are being restored and are not complete. Do not sign this copy.") \
    X(P_BOOKS_WRONG, \
      "Sổ đối chiếu không khớp (mục {1}). Không ký phát hành bản này.", \
      "The books do not balance (section {1}). Do not sign this copy.") \
    X(P_GAPS_WARNING, \
      "Có {1} khoảng mất dữ liệu thu thập, tổng cộng {2} giờ (mục {3}).", \
      "{1} gaps in collection, {2} hours in all (section {3}).") \
    X(P_RESTATED_WARNING, \
      "Có {1} ô số liệu của tháng đã công bố thay đổi sau khi công bố (mục {2}).", \
      "{1} figures of published months have changed since (section {2}).") \
    X(P_NO_DATA, \
      "Nguồn không có dữ liệu trong kỳ: {1}.", \
      "Sources without data in the period: {1}.") \
    X(P_BASE_FROM, \
      "Số liệu của kỳ so sánh chỉ có từ ngày {2} ({1}).", \
      "The figures compared with begin on {2} ({1}).") \
    X(P_BASE_NONE, \
      "Kỳ so sánh không có số liệu: {1}.", \
      "No figures to compare with: {1}.") \
    X(P_IMPORTED_NOTE, \
      "Số liệu nhập từ bảng tính: {1}; không có chi tiết theo ngày, đơn vị, hệ thống.", \
      "Figures imported from a spreadsheet: {1}; without days, units, systems.") \
    X(P_LEGEND, \
      "Quy ước: “–” nguồn không có mức độ này hoặc không có số liệu để so sánh; “0” có thu thập, không có cảnh báo; “thiếu” mất dữ liệu; “*” mất một phần dữ liệu.", \
      "Signs: “–” the source has no such level, or there is nothing to compare with; “0” collected, no alert; “missing” no data collected; “*” data partly missing.") \
    /* Tables and charts */ \
    X(P_TABLE_N, "Bảng {1}. {2}", "Table {1}. {2}") \
    X(P_CHART_N, "Hình {1}. {2}", "Figure {1}. {2}") \
    X(P_T_SEVERITY, \
      "Số cảnh báo theo nguồn và mức độ (thang chung)", \
      "Alerts by source and severity (common scale)") \
    X(P_T_VENDOR, \
      "Số cảnh báo theo mức độ của hãng và mức độ quy đổi", \
      "Alerts by the vendor's own severity and ours") \
    X(P_T_BEFORE, \
      "So với kỳ liền trước ({1})", \
      "Against the period before ({1})") \
    X(P_T_YEAR, \
      "So với cùng kỳ năm trước ({1})", \
      "Against the same period last year ({1})") \
    X(P_T_CUMULATIVE, \
      "Lũy kế từ ngày 1/1 ({1})", \
      "Cumulative from 1 January ({1})") \
    X(P_T_MONTH, \
      "Số cảnh báo theo tháng và mức độ", \
      "Alerts by month and severity") \
    X(P_T_MONTH_SOURCE, \
      "Số cảnh báo theo tháng và nguồn", \
      "Alerts by month and source") \
    X(P_T_DAY, "Số cảnh báo theo ngày và nguồn", "Alerts by day and source") \
    X(P_T_CALENDAR, "Số cảnh báo theo ngày", "Alerts by day") \
    X(P_T_UNIT, "Số cảnh báo theo đơn vị", "Alerts by unit") \
    X(P_T_LEVEL, \
      "Số cảnh báo theo cấp độ hệ thống thông tin", \
      "Alerts by approved level of the information system") \
    X(P_T_SYSTEM, \
      "Số cảnh báo theo hệ thống thông tin", \
      "Alerts by information system") \
    X(P_T_RULES, \
      "Quy tắc của cảm biến có nhiều cảnh báo nhất", \
      "Sensor rules with the most alerts") \
    X(P_T_HOSTS, "Máy có nhiều cảnh báo nhất", "Hosts with the most alerts") \
    X(P_T_BOOKS, "Sổ đối chiếu", "The books") \
    X(P_T_FACTS, "Trong số cảnh báo đã nhận", "Among the alerts that came in") \
    X(P_T_LETTERS, \
      "Bản tin không đọc được, theo lý do", \
      "Dead letters, by reason") \
    X(P_T_UNKNOWN, \
      "Giá trị mức độ chưa được quy đổi", \
      "Severity values without a mapping") \
    X(P_T_GAPS, "Khoảng mất dữ liệu thu thập", "Gaps in collection") \
    X(P_T_FROZEN, "Các tháng đã công bố", "Published months") \
    X(P_T_RESTATED, \
      "Số liệu thay đổi sau khi công bố", \
      "Figures changed since publication") \
    X(P_C_SEVERITY_MONTH, \
      "Số cảnh báo theo tháng, phân theo mức độ", \
      "Alerts by month, by severity") \
    X(P_C_SEVERITY_DAY, \
      "Số cảnh báo theo ngày, phân theo mức độ", \
      "Alerts by day, by severity") \
    X(P_C_DAY, "Số cảnh báo theo ngày", "Alerts by day") \
    /* Heads of columns, names of rows */ \
    X(P_SOURCE, "Nguồn", "Source") \
    X(P_SEVERITY, "Mức độ", "Severity") \
    X(P_VENDOR_SEVERITY, "Mức độ của hãng", "Vendor's severity") \
    X(P_OURS, "Quy đổi", "Ours") \
    X(P_UNIT, "Đơn vị", "Unit") \
    X(P_SYSTEM, "Hệ thống", "System") \
    X(P_LEVEL, "Cấp độ", "Level") \
    X(P_LEVEL_N, "Cấp độ {1}", "Level {1}") \
    X(P_MONTH, "Tháng", "Month") \
    X(P_DAY, "Ngày", "Day") \
    X(P_RULE, "Quy tắc", "Rule") \
    X(P_HOST, "Máy", "Host") \
    X(P_RANK, "TT", "No.") \
    X(P_TOTAL, "Tổng cộng", "Total") \
    X(P_ALERTS, "Số cảnh báo", "Alerts") \
    X(P_SHARE, "Tỷ lệ", "Share") \
    X(P_CHANGE, "Tăng/giảm", "Change") \
    X(P_GROWTH, "Tăng/giảm (%)", "Change (%)") \
    X(P_NO_UNIT, "(chưa rõ đơn vị)", "(no unit known)") \
    X(P_NO_SYSTEM, "(không thuộc hệ thống nào)", "(no system known)") \
    X(P_NO_LEVEL, "(chưa có cấp độ)", "(no level)") \
    X(P_NO_VALUE, "(để trống)", "(empty)") \
    X(P_IN, "Nhận vào", "In") \
    X(P_COUNTED, "Đã đếm", "Counted") \
    X(P_UPDATES, "Cập nhật", "Updates") \
    X(P_DUPLICATES, "Trùng lặp", "Duplicates") \
    X(P_DEAD_LETTERS, "Không đọc được", "Dead letters") \
    X(P_BALANCE, "Đối chiếu", "Check") \
    X(P_BALANCES, "khớp", "balances") \
    X(P_OFF_BY, "lệch {1}", "off by {1}") \
    X(P_EQUATION, \
      "Nhận vào {1} = đã đếm {2} + cập nhật {3} + trùng lặp {4} + không đọc được {5}: {6}.", \
      "In {1} = counted {2} + updates {3} + duplicates {4} + dead letters {5}: {6}.") \
    X(P_CELLS_RIGHT, \
      "Tổng số cảnh báo trong các bảng ({1}) khớp với sổ đối chiếu.", \
      "The alerts in the tables ({1}) agree with the books.") \
    X(P_CELLS_WRONG, \
      "Tổng số cảnh báo trong các bảng ({1}) khác số đã đếm trong sổ ({2}).", \
      "The alerts in the tables ({1}) differ from those counted in the books ({2}).") \
    X(P_LATE, "Đến muộn", "Late") \
    X(P_UNKNOWN_SEVERITY, "Chưa rõ mức độ", "Unknown severity") \
    X(P_TIME_FROM_ARRIVAL, "Giờ nhận", "Time of arrival") \
    X(P_NO_KIND, "Chưa phân loại", "No kind") \
    X(P_HIGH_NO_KIND, \
      "Cao trở lên, chưa phân loại", \
      "High or worse, no kind") \
    X(P_NULL_KEY, "Không có khóa", "Null key") \
    X(P_REASON, "Lý do", "Reason") \
    X(P_BEGIN, "Từ", "From") \
    X(P_END, "Đến", "To") \
    X(P_HOURS, "Số giờ", "Hours") \
    X(P_HABIT, "Thường lệ (giờ)", "Habit (hours)") \
    X(P_STILL, "chưa kết thúc", "not ended") \
    X(P_GAPS_NOTE, \
      "Khoảng mất dữ liệu: nguồn im lặng lâu hơn thường lệ, tức là lâu hơn hai lần quãng im lặng dài nhất trong 28 ngày trước đó và không dưới 4 giờ.", \
      "A gap: the source was silent for longer than its habit, that is longer than twice its longest silence of the 28 days before, and no less than 4 hours.") \
    X(P_NO_GAPS, \
      "Không có khoảng mất dữ liệu thu thập.", \
      "No gaps in collection.") \
    X(P_NO_UNKNOWN, \
      "Mọi giá trị mức độ đều đã được quy đổi.", \
      "Every severity value has a mapping.") \
    X(P_NO_LETTERS, "Không có bản tin không đọc được.", "No dead letters.") \
    X(P_NOT_FROZEN, \
      "Chưa có tháng nào trong kỳ được công bố.", \
      "No month of the period has been published.") \
    X(P_REVISION, "Bản số", "Revision") \
    X(P_FROZEN_ON, "Ngày chốt", "Frozen on") \
    X(P_FROZEN_BY, "Người chốt", "By") \
    X(P_ORIGIN, "Nguồn số liệu", "Figures from") \
    X(P_ORIGIN_COUNTS, "hệ thống đếm", "counted") \
    X(P_ORIGIN_IMPORT, "nhập từ bảng tính", "imported") \
    X(P_N_CHANGES, "Số ô thay đổi", "Changed figures") \
    X(P_SINCE, "sau bản {1}", "since revision {1}") \
    X(P_BY_REVISION, "tại bản {1}", "by revision {1}") \
    X(P_WHEN, "Thời điểm", "When") \
    X(P_WAS, "Cũ", "Was") \
    X(P_NOW, "Mới", "Now") \
    X(P_MISSING, "thiếu", "missing") \
    X(P_MORE_ROWS, \
      "… và {1} dòng khác (có đủ trong bản CSV, JSON).", \
      "… and {1} more rows (all are in the CSV and JSON forms).") \
    X(P_THEIRS, "Số đối chiếu", "Theirs") \
    X(P_OURS_N, "Tháp Canh", "Ours") \
    X(P_DIFFERENCE, "Chênh lệch", "Difference")
/* clang-format on */

#endif
