/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets: states, priorities, what a timeline says: X(name, Vietnamese,
 * English); a part of the table in model/phrases.h. */
#ifndef MODEL_PHRASES_TICKET_H
#define MODEL_PHRASES_TICKET_H

/* One phrase, one row. */
/* clang-format off */
#define PHRASES_TICKET(X) \
    /* States, in the order of TICKET_STATES */ \
    X(P_TS_NEW, "mới", "new") \
    X(P_TS_ACKNOWLEDGED, "đã nhận", "acknowledged") \
    X(P_TS_IN_PROGRESS, "đang xử lý", "in progress") \
    X(P_TS_ON_HOLD, "chờ", "on hold") \
    X(P_TS_RESOLVED, "đã xử lý", "resolved") \
    X(P_TS_CLOSED, "đóng", "closed") \
    /* Verdicts, in the order of TICKET_VERDICTS */ \
    X(P_TV_NONE, "chưa kết luận", "no verdict") \
    X(P_TV_TRUE, "sự cố thật", "true positive") \
    X(P_TV_FALSE, "cảnh báo sai", "false positive") \
    X(P_TV_BENIGN, "vô hại", "benign") \
    X(P_TV_TEST, "thử nghiệm", "test") \
    X(P_TV_DUPLICATE, "trùng", "duplicate") \
    X(P_TV_UNCLEAR, "thiếu dữ liệu", "insufficient data") \
    /* Fields, in the order of TICKET_FIELDS */ \
    X(P_TF_INCIDENT_TYPE, "loại sự cố", "incident type") \
    X(P_TF_CAUSE_GROUP, "nhóm nguyên nhân", "cause group") \
    X(P_TF_HOW_FOUND, "cách phát hiện", "how found") \
    X(P_TF_TOLD_TO, "đã báo cho", "told to") \
    X(P_TF_HELPED_BY, "đơn vị hỗ trợ", "helped by") \
    X(P_TF_ESTIMATED_DAMAGE, "thiệt hại ước tính", "estimated damage") \
    X(P_TF_DISCOVERED_AT, "phát hiện lúc", "discovered at") \
    /* Timeline, in the order of TICKET_EVENTS. {1} to, {2} detail, {3} n */ \
    X(P_TE_OPENED, "mở phiếu: sự cố {1}, {3} cảnh báo", "opened: incident {1}, {3} alerts") \
    X(P_TE_JOINED, "thêm sự cố {1}, {3} cảnh báo", "incident {1} joined, {3} alerts") \
    X(P_TE_GREW, "sự cố {1} tăng lên {3} cảnh báo", "incident {1} grew to {3} alerts") \
    X(P_TE_MORE_SEVERE, "mức độ {1}, ưu tiên {2}", "severity {1}, priority {2}") \
    X(P_TE_INHIBITED, "sự cố {1} được gộp vì đã có phiếu này ({2})", "incident {1} is explained by this ticket ({2})") \
    X(P_TE_INCIDENT_MERGED, "sự cố {2} nhập vào {1}", "incident {2} is part of {1}") \
    X(P_TE_ACKNOWLEDGED, "đã nhận", "acknowledged") \
    X(P_TE_ASSIGNED, "giao cho {1}", "assigned to {1}") \
    X(P_TE_NOTE, "ghi chú: {2}", "note: {2}") \
    X(P_TE_STARTED, "bắt đầu xử lý", "started") \
    X(P_TE_HELD, "chờ {1}: {2}", "waits for {1}: {2}") \
    X(P_TE_RESOLVED, "xử lý xong, {1}: {2}", "resolved, {1}: {2}") \
    X(P_TE_CLOSED, "đóng phiếu", "closed") \
    X(P_TE_REOPENED, "mở lại: {2}", "reopened: {2}") \
    X(P_TE_MERGED, "nhập phiếu {1} vào", "took in ticket {1}") \
    X(P_TE_MERGED_INTO, "nhập vào phiếu {1}", "merged into ticket {1}") \
    X(P_TE_EDITED, "sửa {1}: {2}", "{1}: {2}") \
    X(P_TE_REFUSED, "từ chối {1}: {2}", "{1} refused: {2}") \
    X(P_TE_ESCALATED, "leo thang bước {3}: {1}", "escalation step {3}: {1}") \
    X(P_TE_LEASE_EXPIRED, "{1} không làm gì thêm, gọi lại từ đầu", "{1} did nothing more, the escalation begins anew") \
    X(P_TE_SENT, "gửi {1} qua {2}", "sent to {1} by {2}") \
    X(P_TE_SENT_AGAIN, "gửi lại {1} qua {2}", "sent again to {1} by {2}") \
    X(P_TE_DELIVERED, "đã chuyển tới {1}: {2}", "delivered to {1}: {2}") \
    X(P_TE_FAILED, "không chuyển được tới {1}: {2}", "could not be delivered to {1}: {2}") \
    X(P_TE_EVIDENCE_GONE, "không còn bản gốc của {1}: {2}", "the original of {1} is gone: {2}") \
    X(P_TE_LEFT_OUT, "… {3} dòng được lược bớt", "… {3} lines left out") \
    /* Lists and pages */ \
    X(P_TK_TICKET, "phiếu", "ticket") \
    X(P_TK_PRIORITY, "ưu tiên", "priority") \
    X(P_TK_STATE, "trạng thái", "state") \
    X(P_TK_OPENED, "mở lúc", "opened") \
    X(P_TK_ALERTS, "cảnh báo", "alerts") \
    X(P_TK_HOST, "máy", "host") \
    X(P_TK_HAS, "người nhận", "who has it") \
    X(P_TK_TITLE, "nội dung", "title") \
    X(P_TK_FIRST_STEP, "VIỆC CẦN LÀM TRƯỚC", "FIRST STEP") \
    X(P_TK_HARMLESS, "THƯỜNG VÔ HẠI KHI", "USUALLY HARMLESS WHEN") \
    X(P_TK_KEY, "theo", "key") \
    X(P_TK_RULE, "luật", "rule") \
    X(P_TK_SPAN, "cảnh báo từ", "alerts from") \
    X(P_TK_UNTIL, "đến", "to") \
    X(P_TK_USERS, "tài khoản", "users") \
    X(P_TK_ADDRESSES, "địa chỉ", "addresses") \
    X(P_TK_HASHES, "mã băm", "hashes") \
    X(P_TK_UNITS, "đơn vị", "units") \
    X(P_TK_SYSTEMS, "hệ thống", "systems") \
    X(P_TK_LEVEL, "cấp độ", "level") \
    X(P_TK_WAITS_FOR, "đang chờ", "waits for") \
    X(P_TK_MERGED_INTO, "đã nhập vào", "merged into") \
    X(P_TK_VERDICT, "kết luận", "verdict") \
    X(P_TK_QUIET, "cảnh báo cũ: không gọi ai", "old alerts: nobody is called") \
    X(P_TK_NOBODY, "chưa ai nhận", "nobody yet") \
    X(P_TK_EVIDENCE, "BẰNG CHỨNG", "EVIDENCE") \
    X(P_TK_TIMELINE, "DIỄN BIẾN", "TIMELINE") \
    X(P_TK_INCIDENTS, "SỰ CỐ", "INCIDENTS") \
    X(P_TK_MORE, "và {1} nữa", "and {1} more") \
    X(P_TK_ALL_TIMES, "giờ Việt Nam (UTC+7)", "times are UTC+7") \
    X(P_TK_REVISION, "bản", "revision") \
    X(P_TK_N_TICKETS, "{1} phiếu", "{1} tickets") \
    X(P_TK_KEPT, "đã lưu bản gốc", "original kept") \
    X(P_TK_WANTED, "đang lấy bản gốc", "original being fetched") \
    X(P_TK_GONE, "không còn bản gốc", "original gone") \
    /* Explaining */ \
    X(P_TK_WHY_PRIORITY, "Ưu tiên P{1}: mức độ {2}, cấp độ {3}", "Priority P{1}: severity {2}, level {3}") \
    X(P_TK_WHY_OPENED, "mở phiếu này", "opened this ticket") \
    X(P_TK_WHY_JOINED, "vào phiếu này vì cùng {1}", "joined because it shares {1}") \
    X(P_TK_WHY_INHIBITED, "{1} sự cố khác được phiếu này giải thích", "{1} other incidents are explained by it") \
    X(P_TK_IS_IN, "Sự cố {1} nằm trong phiếu {2}", "Incident {1} is in ticket {2}") \
    X(P_TK_IS_SUPPRESSED, "Sự cố {1} bị chặn bởi '{2}'", "Incident {1} is suppressed by '{2}'") \
    X(P_TK_IS_INHIBITED, "Sự cố {1} được giải thích bởi phiếu {2} ('{3}')", "Incident {1} is explained by ticket {2} ('{3}')") \
    X(P_TK_IS_HELD, "Sự cố {1} chờ vài phút để nhập vào phiếu cùng máy", "Incident {1} waits some minutes for a ticket on its host") \
    X(P_TK_IS_RECORDED, "Sự cố {1} chỉ được ghi lại: luật của nó không mở phiếu", "Incident {1} is only recorded: its rule opens no tickets") \
    X(P_TK_DRY_RUN, "(chạy thử: '{1}' lẽ ra đã chặn)", "(dry run: '{1}' would have suppressed it)") \
    /* Silences */ \
    X(P_S_SILENCE, "lệnh chặn", "silence") \
    X(P_S_UNTIL, "hết hạn", "until") \
    X(P_S_OWNER, "người đặt", "owner") \
    X(P_S_SUPPRESSED, "đã chặn", "suppressed") \
    X(P_S_MATCHER, "điều kiện", "matcher") \
    X(P_S_REASON, "lý do", "reason") \
    X(P_S_DRY_RUN, "chạy thử", "dry run") \
    X(P_S_ENDED, "đã hết", "ended") \
    X(P_S_IN_FORCE, "đang chặn", "in force") \
    /* The report */ \
    X(P_H_TICKETS, "Phiếu xử lý sự cố", "Tickets") \
    X(P_R_BY_STATE, "Phiếu theo trạng thái và mức ưu tiên", "Tickets by state and priority") \
    X(P_R_BY_UNIT, "Phiếu theo đơn vị", "Tickets by unit") \
    X(P_R_ACK, "Thời gian nhận xử lý", "Time to acknowledge") \
    X(P_R_ACKED, "đã nhận", "acknowledged") \
    X(P_R_MEDIAN, "trung vị (giây)", "median (s)") \
    X(P_R_P90, "90% trong (giây)", "90% within (s)") \
    X(P_R_WHERE, "Mỗi cảnh báo đã đi đâu", "Where every alert went") \
    X(P_R_IN_TICKET, "trong phiếu", "in a ticket") \
    X(P_R_SUPPRESSED, "bị chặn", "suppressed") \
    X(P_R_INHIBITED, "được giải thích", "inhibited") \
    X(P_R_REVIEWED, "đã xem xét", "reviewed") \
    X(P_R_OPEN, "chưa xếp", "open") \
    X(P_R_TICKETS, "phiếu", "tickets") \
    X(P_R_PLACE, "nơi", "place") \
    X(P_R_SHARE, "tỷ lệ", "share") \
    X(P_R_UNITS_NOTE, \
      "Phiếu liên quan nhiều đơn vị được tính ở từng đơn vị.", \
      "A ticket that concerns several units stands in each.") \
    X(P_R_ACK_NOTE, \
      "Chỉ tính phiếu có gọi người; phiếu từ cảnh báo cũ không gọi ai.", \
      "Tickets that called somebody; those of old alerts call nobody.") \
    X(P_R_WHERE_NOTE, \
      "Mỗi cảnh báo đã đếm nằm ở đúng một nơi, theo thứ tự của bảng.", \
      "Every counted alert is in exactly one place, in the order of the table.") \
    X(P_R_WHERE_WRONG, \
      "Bảng có {1} cảnh báo, đã đếm {2}: luồng cảnh báo không đủ cho kỳ này.", \
      "The table has {1} alerts, {2} were counted: the feed does not have all of them.") \
    X(P_R_NO_TICKETS, "Không có phiếu nào trong kỳ.", "There is no ticket of this period.") \
    X(P_R_NO_UNIT, "(không thuộc đơn vị nào)", "(no unit)")
/* clang-format on */

#endif
