/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule families of the server sensor; see families_endpoint.c.
 * deploy/sources/kinds/cycir.yml says what they are about. */
#include "catalog.h"

#define NONE NULL, NULL
#define ONE(list) &words_##list, NULL
#define TWO(a, b) &words_##a, &words_##b
#define FROM PART_FROM
#define WEB (PART_FROM | PART_WEB)
#define LOGIN (PART_FROM | PART_LOGIN)
#define CHATTY PART_CHATTY

static const struct family rows[] = {
    {"Quét cổng {1}", ONE(ports), SERVER_MEDIUM, 2000, "T1046", FROM | CHATTY,
     STORY_APP, "Địa chỉ {remote} quét cổng {1} của máy chủ {host} ({ip})."},
    {"Web: dò thư mục và tệp {1}", ONE(web_paths), SERVER_MEDIUM, 1200,
     "T1595.003", WEB | CHATTY, STORY_APP,
     "{n} yêu cầu dò {1} trên {host} từ {remote}, mã trả lời 404."},
    {"Scanner user-agent: {1}", ONE(scanners), SERVER_MEDIUM, 1500, "T1595.002",
     WEB, STORY_APP, "Công cụ {1} từ {remote} quét máy chủ {host}."},
    {"Đăng nhập {1} thất bại nhiều lần", ONE(services), SERVER_MEDIUM, 2200,
     "T1110", LOGIN | CHATTY, STORY_APP,
     "{n} lần đăng nhập {1} hỏng vào {host} từ {remote}, tài khoản {user}."},
    {"Web: thử {1}", ONE(web_attacks), SERVER_MEDIUM, 2000, "T1190", WEB,
     STORY_APP, "Yêu cầu có dấu hiệu {1} tới {host} từ {remote}."},
    {"Cấu hình yếu: {1}", ONE(weak_settings), SERVER_MEDIUM, 500, NULL, 0,
     STORY_APP, "Máy chủ {host}: {1}. Cần khắc phục theo quy chế."},
    {"Máy chủ: {1}", ONE(server_health), SERVER_MEDIUM, 500, NULL, CHATTY,
     STORY_APP, "Máy chủ {host} ({ip}): {1}, kéo dài {n} phút."},
    {"Tường lửa: chặn địa chỉ từ {1}", ONE(countries), SERVER_MEDIUM, 900, NULL,
     FROM, STORY_APP, "Đã chặn {n} gói từ {remote} ({1}) tới {host}."},
    {"Tác vụ cron mới", NONE, SERVER_MEDIUM, 120, "T1053.003", 0, STORY_APP,
     "Tài khoản {user} thêm tác vụ cron trên {host}."},
    {"Dịch vụ systemd mới", NONE, SERVER_MEDIUM, 80, "T1543.002", 0, STORY_APP,
     "Dịch vụ mới được đăng ký trên {host} bởi {user}."},
    {"DNS bất thường từ máy chủ", NONE, SERVER_MEDIUM, 120, "T1071.004",
     PART_OUT, STORY_APP, "Máy chủ {host} hỏi {n} tên miền lạ."},

    {"{1} vào {2}", TWO(web_attacks, web_apps), SERVER_HIGH, 3300, "T1190", WEB,
     STORY_APP, "{remote} tấn công {1} vào {2} trên {host}, mã trả lời 200."},
    {"Khai thác {1}", ONE(flaws), SERVER_HIGH, 1400, "T1190", WEB, STORY_APP,
     "{remote} thử khai thác {1} trên máy chủ {host}."},
    {"Dò mật khẩu {1} từ nhiều địa chỉ", ONE(services), SERVER_HIGH, 900,
     "T1110.003", LOGIN | CHATTY, STORY_APP,
     "Dò mật khẩu {1} phân tán vào {host}, {n} địa chỉ, gần nhất {remote}."},
    {"Đăng nhập {1} thành công sau nhiều lần thất bại", ONE(services),
     SERVER_HIGH, 150, "T1078", LOGIN, STORY_APP,
     "{user} đăng nhập {1} được vào {host} từ {remote} sau {n} lần hỏng."},
    {"Tệp mã mới trong thư mục web: {1}", ONE(script_types), SERVER_HIGH, 250,
     "T1505.003", 0, STORY_APP, "Tệp {1} mới trong thư mục web của {host}."},
    {"Dùng sudo bất thường", NONE, SERVER_HIGH, 150, "T1548.003", 0, STORY_APP,
     "{user} dùng sudo lần đầu trên máy chủ {host}."},
    {"Tạo tài khoản quản trị mới", NONE, SERVER_HIGH, 110, "T1136.001", 0,
     STORY_APP, "Tài khoản quản trị {user} mới được tạo trên {host}."},
    {"Khóa SSH mới trong authorized_keys", NONE, SERVER_HIGH, 90, "T1098.004",
     0, STORY_APP, "Khóa SSH lạ được thêm cho {user} trên {host}."},
    {"Sửa tệp crontab của root", NONE, SERVER_HIGH, 90, "T1053.003", 0,
     STORY_APP, "Tệp crontab của root trên {host} bị sửa."},
    {"SSH nội bộ từ máy chủ web", NONE, SERVER_HIGH, 130, "T1021.004", PART_IN,
     STORY_APP, "{remote} mở phiên SSH tới {host}, tài khoản {user}."},
    {"Lưu lượng ra ngoài tăng đột biến", NONE, SERVER_HIGH, 150, "T1048",
     PART_OUT, STORY_APP, "{host} gửi {n} MB tới {remote}, gấp 10 lần nền."},
    {"Kết xuất cơ sở dữ liệu lớn: {1}", ONE(databases), SERVER_HIGH, 120,
     "T1005", 0, STORY_APP, "{user} kết xuất {n} bảng {1} trên {host}."},
    {"Tiến trình web sinh shell", NONE, SERVER_HIGH, 150, "T1059.004", 0,
     STORY_APP, "Tiến trình web trên {host} chạy shell với quyền {user}."},
    {"Tiến trình đào tiền ảo: {1}", ONE(miners), SERVER_HIGH, 130, "T1496",
     PART_OUT | CHATTY, STORY_APP, "{1} chiếm CPU trên {host}, gọi {remote}."},
    /* no kind */
    {"Bất thường theo đường cơ sở: {1}", ONE(baselines), SERVER_HIGH, 260, NULL,
     0, STORY_APP, "Máy chủ {host} lệch đường cơ sở về {1}."},

    {"Webshell {1}", ONE(webshells), SERVER_CRITICAL, 800, "T1505.003", WEB,
     STORY_APP, "Webshell {1} hoạt động trên {host}, điều khiển từ {remote}."},
    {"Khai thác thành công {1}", ONE(flaws), SERVER_CRITICAL, 700, "T1190", WEB,
     STORY_APP, "{remote} khai thác được {1} trên máy chủ {host}."},
    {"Linux.{1}.{2}", TWO(linux_malware, variants), SERVER_CRITICAL, 500, NULL,
     CHATTY, STORY_APP, "Mã độc Linux {1} chạy trên máy chủ {host}."},
    {"Mã độc tống tiền trên máy chủ: {1}", ONE(ransoms), SERVER_CRITICAL, 50,
     "T1486", 0, STORY_APP, "Mã độc {1} mã hóa tệp trên máy chủ {host}."},
    {"Kết nối điều khiển ra ngoài từ máy chủ", NONE, SERVER_CRITICAL, 150,
     "T1071.001", PART_OUT | CHATTY, STORY_APP,
     "Máy chủ {host} gọi máy chủ điều khiển {remote}:{port}."},
    {"Reverse shell: {1}", ONE(shells), SERVER_CRITICAL, 110, "T1059.004",
     PART_OUT, STORY_APP, "Shell ngược {1} từ {host} tới {remote}:{port}."},
    {"Leo thang đặc quyền: {1}", ONE(flaws), SERVER_CRITICAL, 110, "T1068", 0,
     STORY_APP, "{user} chiếm quyền root trên {host} qua {1}."},
    {"Dữ liệu ra ngoài khối lượng lớn", NONE, SERVER_CRITICAL, 60, "T1041",
     PART_OUT, STORY_APP, "{host} đã gửi {n} MB tới {remote}."},
    /* no kind */
    {"CY-Threat-{1}", ONE(numbers), SERVER_CRITICAL, 90, NULL, FROM, STORY_APP,
     "Dấu hiệu chưa đặt tên trên {host}, liên quan {remote}."},
};

const struct families families_server = {rows, sizeof rows / sizeof rows[0]};
