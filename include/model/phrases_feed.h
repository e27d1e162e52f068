/* SPDX-License-Identifier: Apache-2.0
 *
 * What the feed says between the alerts: X(name, Vietnamese, English); a part
 * of the table in model/phrases.h. */
#ifndef MODEL_PHRASES_FEED_H
#define MODEL_PHRASES_FEED_H

/* One phrase, one row. */
/* clang-format off */
#define PHRASES_FEED(X) \
    /* A limit, in the order of WINDOW_CAPS. {1} rule, {2} key, \
       {3} time of the event, {4} how often since the last line */ \
    X(P_FEED_CAP_CUT, \
      "!! quy tắc {1}, {2}: quá nhiều sự kiện, số đếm của sự cố có thể thiếu (lúc {3}, {4} lần; xem thapcanh windows list)", \
      "!! rule {1}, {2}: too many events, the incident's count may be low (at {3}, {4} times; see thapcanh windows list)") \
    X(P_FEED_CAP_REFUSED, \
      "!! quy tắc {1}, {2}: hết chỗ, cảnh báo không được đếm, CÓ THỂ SÓT SỰ CỐ: hãy tự xem các cảnh báo này (lúc {3}, {4} lần; xem thapcanh status)", \
      "!! rule {1}, {2}: no room, alerts are not counted, AN INCIDENT MAY BE MISSED: look at these alerts yourself (at {3}, {4} times; see thapcanh status)") \
    X(P_FEED_CAP_KEYS, \
      "!! quy tắc {1}, {2}: một cảnh báo có quá nhiều giá trị, chỉ đếm 16 khóa đầu (lúc {3}, {4} lần)", \
      "!! rule {1}, {2}: one alert has too many values, only its first 16 keys are counted (at {3}, {4} times)") \
    X(P_FEED_CAP_BATCH, \
      "!! quy tắc {1}, {2}: một thông điệp chứa quá nhiều cảnh báo, phần còn lại không vào quy tắc (lúc {3}, {4} lần)", \
      "!! rule {1}, {2}: one message holds too many alerts, the rest do not reach the rule (at {3}, {4} times)") \
    X(P_FEED_CAPS_UNKNOWN, \
      "!! không hỏi được dịch vụ trên máy này: khi một quy tắc chạm giới hạn, ở đây sẽ không báo (thapcanh status)", \
      "!! the service of this machine cannot be asked: when a rule reaches a limit it is not said here (thapcanh status)") \
    /* Before the rule of an alert that some rule did not get */ \
    X(P_FEED_CAPPED, "(quá giới hạn) ", "(over a limit) ")
/* clang-format on */

#endif
