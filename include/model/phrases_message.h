/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that wake a person, and the page behind their link: X(name,
 * Vietnamese, English); a part of the table in model/phrases.h. Phrases of an
 * SMS (P_SMS_) lose their marks and must leave room for a title: keep them
 * short. */
#ifndef MODEL_PHRASES_MESSAGE_H
#define MODEL_PHRASES_MESSAGE_H

/* One phrase, one row. */
/* clang-format off */
#define PHRASES_MESSAGE(X) \
    X(P_PRODUCT, "Tháp Canh", "Tháp Canh") \
    X(P_DRILL, "DIỄN TẬP", "EXERCISE") \
    /* SMS. {1} priority, {2} ticket, {3} host or system; {1} a number */ \
    X(P_SMS_PAGE, "{1} {2} {3}: ", "{1} {2} {3}: ") \
    X(P_SMS_MANY, "{1} phiếu: ", "{1} tickets: ") \
    X(P_SMS_BACKLOG, "{1} phiếu tồn: ", "{1} tickets of before: ") \
    X(P_SMS_TAKEN, "{1} đã nhận ", "{1} has taken ") \
    X(P_SMS_MORE, " +{1}", " +{1}") \
    X(P_SMS_TEST, \
      "Tin thử của Tháp Canh, không cần trả lời. ", \
      "Test message of Tháp Canh, no answer needed. ") \
    X(P_SMS_ANSWER, ". Nhận: trả lời {1}", ". To take: reply {1}") \
    /* What a gateway sends back to who answered */ \
    X(P_REPLY_TAKEN, "Đã ghi nhận: bạn nhận xử lý.", "Recorded: you take it.") \
    X(P_REPLY_UNCLEAR, \
      "Không rõ. Để nhận xử lý, chỉ cần trả lời mã 6 chữ số.", \
      "Not understood. To take it, reply just the 6 digits.") \
    X(P_REPLY_REFUSED, \
      "Đã hiểu: bạn không nhận. Người kế tiếp sẽ được gọi.", \
      "Understood: you do not take it. The next will be called.") \
    X(P_REPLY_STRANGER, \
      "Số này không có trong danh sách trực.", \
      "This number is not in the roster.") \
    X(P_REPLY_LATER, \
      "Chưa ghi được, hãy gửi lại sau ít phút.", \
      "Not recorded yet, send it again in a few minutes.") \
    /* Mail and JSON. {1} priority, {2} title; {1} a number; {1} a name */ \
    X(P_MAIL_PAGE, "[{1}] {2}", "[{1}] {2}") \
    X(P_MAIL_MANY, \
      "[{1}] {2} phiếu sự cố, gấp nhất: {3}", \
      "[{1}] {2} tickets, the most urgent: {3}") \
    X(P_MAIL_BACKLOG, \
      "[{1}] {2} phiếu sự cố tồn lại, gấp nhất: {3}", \
      "[{1}] {2} tickets of before, the most urgent: {3}") \
    X(P_MAIL_TAKEN, "{1} đã nhận xử lý {2}", "{1} has taken {2}") \
    X(P_MAIL_TEST, "Tin thử của Tháp Canh", "Test message of Tháp Canh") \
    X(P_HELLO, "Chào {1},", "Hello {1},") \
    X(P_SAYS_PAGE, \
      "Đến lượt bạn xử lý {1} phiếu sự cố dưới đây. Nếu chưa có ai nhận, người kế tiếp sẽ được gọi.", \
      "It is your turn to handle the tickets below ({1}). If nobody takes them, the next person is called.") \
    X(P_SAYS_BACKLOG, \
      "{1} phiếu sự cố dưới đây đến trong lúc hệ thống không chạy.", \
      "The tickets below ({1}) came while the system was not running.") \
    X(P_SAYS_TAKEN, \
      "{1} đã nhận xử lý các phiếu dưới đây. Bạn không cần làm gì thêm.", \
      "{1} has taken the tickets below. You need not do anything more.") \
    X(P_SAYS_TEST, \
      "Đây là tin thử để kiểm tra kênh nhắn tin. Bạn không cần làm gì.", \
      "This is a test of the channel. You need not do anything.") \
    X(P_SAYS_DRILL, \
      "Tin này thuộc một cuộc diễn tập.", \
      "This message is part of an exercise.") \
    X(P_TICKET, "Phiếu", "Ticket") \
    X(P_PRIORITY, "Ưu tiên", "Priority") \
    X(P_WHERE, "Nơi xảy ra", "Where") \
    X(P_TIME, "Thời gian", "Time") \
    X(P_N_ALERTS, "{1} cảnh báo, {2} đến {3}", "{1} alerts, {2} to {3}") \
    X(P_FIRST_STEP, "Việc cần làm trước", "First step") \
    X(P_USUALLY_HARMLESS, "Thường vô hại khi", "Usually harmless when") \
    X(P_BUTTON_TAKE, "Nhận xử lý", "Take it") \
    X(P_OR_ANSWER, "Hoặc trả lời SMS: {1}", "Or answer by SMS: {1}") \
    X(P_LINK_NOTE, \
      "Liên kết chỉ mở trang xác nhận; bấm nút trên trang đó mới là nhận. Đừng chuyển tiếp thư này.", \
      "The link only opens a page; pressing its button is what takes it. Do not forward this mail.") \
    X(P_NO_ANSWER, \
      "Thư gửi tự động, không đọc thư trả lời. Mã tin: {1}", \
      "Sent automatically, answers are not read. Message: {1}") \
    X(P_AND_MORE, "và {1} phiếu khác", "and {1} more") \
    /* The page behind the link */ \
    X(P_PAGE_TITLE, "Nhận xử lý phiếu sự cố", "Take tickets") \
    X(P_PAGE_ASKS, \
      "{1}, bạn nhận xử lý các phiếu này?", \
      "{1}, do you take these tickets?") \
    X(P_PAGE_DONE, "Bạn đã nhận xử lý.", "You have taken it.") \
    X(P_PAGE_DONE_NOTE, \
      "Những người đã được gọi trước đó sẽ nhận một tin báo. Hãy ghi lại việc làm trên phiếu, để phiếu không bị chuyển cho người khác.", \
      "Those who were called before get one message. Write what you do on the ticket, so that it is not given to somebody else.") \
    X(P_PAGE_EXPIRED, "Liên kết đã hết hạn", "This link has expired") \
    X(P_PAGE_EXPIRED_NOTE, \
      "Hãy dùng tin mới nhất, hoặc báo cho trưởng kíp trực.", \
      "Use the newest message, or tell the leader on duty.") \
    X(P_PAGE_WRONG, "Liên kết không đúng", "This link is not right") \
    X(P_PAGE_WRONG_NOTE, \
      "Địa chỉ bị thiếu hoặc đã bị sửa. Hãy mở lại từ tin nhắn.", \
      "The address is incomplete or has been changed. Open it from the message again.") \
    X(P_PAGE_LATER, "Chưa ghi nhận được", "Not recorded yet") \
    X(P_PAGE_LATER_NOTE, \
      "Hệ thống tạm thời không ghi được. Hãy thử lại sau ít phút, hoặc gọi cho trưởng kíp trực.", \
      "The system cannot record it just now. Try again in a few minutes, or call the leader on duty.") \
    X(P_PAGE_HAS_IT, "{1} đang xử lý", "{1} has it") \
    X(P_PAGE_NOBODY, "chưa có ai nhận", "nobody has it yet") \
    X(P_PAGE_FINISHED, "đã xử lý xong", "done")
/* clang-format on */

#endif
