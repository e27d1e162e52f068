/* SPDX-License-Identifier: Apache-2.0
 *
 * The scripts. Every rule named here also occurs in the noise; an attack is
 * the order of its steps, its machines, its addresses and its account. */
#include "attack.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

#define STEPS(name) .steps = (name), .n_steps = sizeof(name) / sizeof((name)[0])

static const struct step brute_force[] = {
    {"Đăng nhập SSH thất bại nhiều lần", ON_FIRST, 80, 0, 15, 0},
    {"Dò mật khẩu SSH từ nhiều địa chỉ", ON_FIRST, 6, 5 * MINUTE, 150, 0},
    {"Đăng nhập SSH thành công sau nhiều lần thất bại", ON_FIRST, 1,
     21 * MINUTE, 0, 0},
    {"Tạo tài khoản quản trị mới", ON_FIRST, 1, 26 * MINUTE, 0, 0},
    {"Khóa SSH mới trong authorized_keys", ON_FIRST, 1, 28 * MINUTE, 0, 0},
    {"Sửa tệp crontab của root", ON_FIRST, 2, 31 * MINUTE, 4 * MINUTE, 0},
    {"Kết nối điều khiển ra ngoài từ máy chủ", ON_FIRST, 4, 40 * MINUTE,
     30 * MINUTE, 0},
};

static const struct step web_shell[] = {
    {"Scanner user-agent: Nuclei", ON_FIRST, 40, 0, 9, 0},
    {"Web: dò thư mục và tệp /upload", ON_FIRST, 25, 6 * MINUTE, 12, 0},
    {"Web: thử file upload", ON_FIRST, 12, 14 * MINUTE, 40, 0},
    {"Khai thác CVE-2019-0604", ON_FIRST, 5, 24 * MINUTE, 70, 0},
    {"Tệp mã mới trong thư mục web: .aspx", ON_FIRST, 1, 31 * MINUTE, 0, 0},
    {"Webshell China Chopper", ON_FIRST, 6, 33 * MINUTE, 11 * MINUTE, 0},
    {"Tiến trình web sinh shell", ON_FIRST, 3, 35 * MINUTE, 20 * MINUTE, 0},
};

static const struct step spreading[] = {
    {"Mã độc lây qua USB: Raspberry Robin", ON_FIRST, 1, 0, 0, 0},
    {"Worm.VBS.Jenxcus.A", ON_EACH, 4, 2 * MINUTE, 5 * MINUTE, 8 * MINUTE},
    {"Kết nối SMB nội bộ bất thường", ON_REST, 3, 9 * MINUTE, 2 * MINUTE,
     8 * MINUTE},
    {"Khóa Run mới trong registry: WindowsHelper", ON_EACH, 1, 12 * MINUTE, 0,
     8 * MINUTE},
    {"Kết nối tới máy chủ điều khiển: Andromeda", ON_EACH, 2, 15 * MINUTE,
     25 * MINUTE, 8 * MINUTE},
};

static const struct step phishing[] = {
    {"Phát hiện mã độc trong tệp đính kèm: .docx", ON_EACH, 1, 0, 0,
     4 * MINUTE},
    {"Macro Office chạy PowerShell", ON_FIRST, 1, 7 * MINUTE, 0, 0},
    {"PowerShell encoded command", ON_FIRST, 3, 7 * MINUTE + 4, 3, 0},
    {"PowerShell tải và chạy mã từ mạng", ON_FIRST, 2, 8 * MINUTE, 20, 0},
    {"Kết nối tới máy chủ điều khiển: Emotet", ON_FIRST, 20, 10 * MINUTE,
     15 * MINUTE, 0},
    {"Credential dumping: LSASS memory access", ON_FIRST, 1, 95 * MINUTE, 0, 0},
};

static const struct step one_user[] = {
    {"Đăng nhập Windows thất bại nhiều lần", ON_FIRST, 6, 0, 50, 0},
    {"Credential dumping: LSASS memory access", ON_FIRST, 1, 8 * MINUTE, 0, 0},
    {"Một tài khoản đăng nhập nhiều máy trong thời gian ngắn", ON_REST, 2,
     15 * MINUTE, 3 * MINUTE, 90},
    {"Pass-the-hash logon", ON_REST, 1, 16 * MINUTE, 0, 90},
    {"PsExec service installed", ON_REST, 1, 18 * MINUTE, 0, 90},
};

static const struct step leaving_by_night[] = {
    {"SSH nội bộ từ máy chủ web", ON_FIRST, 2, 0, 6 * MINUTE, 0},
    {"Kết xuất cơ sở dữ liệu lớn: PostgreSQL", ON_FIRST, 3, 20 * MINUTE,
     12 * MINUTE, 0},
    {"Lưu lượng ra ngoài tăng đột biến", ON_FIRST, 10, 55 * MINUTE, 11 * MINUTE,
     0},
    {"Dữ liệu ra ngoài khối lượng lớn", ON_FIRST, 4, 70 * MINUTE, 25 * MINUTE,
     0},
    {"Nén dữ liệu rồi tải lên mạng", ON_FIRST, 6, 80 * MINUTE, 9 * MINUTE, 0},
    {"Khối lượng lớn dữ liệu ra ngoài ngoài giờ", ON_FIRST, 8, 85 * MINUTE,
     10 * MINUTE, 0},
};

static const struct step ransomware[] = {
    {"Tắt phần mềm bảo vệ", ON_EACH, 1, 0, 0, 45},
    {"Xóa bản sao Volume Shadow", ON_EACH, 1, 3 * MINUTE, 0, 45},
    {"Ransom.Win32.LockBit.A", ON_EACH, 3, 4 * MINUTE, 30, 45},
    {"Mã hóa tệp hàng loạt", ON_EACH, 4, 5 * MINUTE, 60, 45},
    {"Mã độc tống tiền trên máy chủ: LockBit", ON_FIRST, 3, 14 * MINUTE,
     2 * MINUTE, 0},
};

static const struct step mining[] = {
    {"Khai thác CVE-2021-44228", ON_EACH, 3, 0, 40, 5 * MINUTE},
    {"Reverse shell: bash -i", ON_FIRST, 1, 20 * MINUTE, 0, 0},
    {"Tiến trình đào tiền ảo: XMRig", ON_EACH, 12, 40 * MINUTE, 6 * HOUR,
     7 * MINUTE},
    {"CoinMiner.XMRig", ON_EACH, 8, 3 * HOUR, 5 * HOUR, 12 * MINUTE},
};

static const struct step supply_chain[] = {
    {"Unsigned module loaded by signed updater", ON_EACH, 1, 0, 0, 4 * MINUTE},
    {"Tiến trình cập nhật phần mềm sinh tiến trình con bất thường", ON_EACH, 1,
     20, 0, 4 * MINUTE},
    {"Beaconing to rare domain", ON_EACH, 3, 30 * MINUTE, 2 * HOUR, 4 * MINUTE},
};

static const struct step insider[] = {
    {"USB: sao chép tệp .xlsx ra thiết bị ngoài", ON_FIRST, 24, 0, 8 * HOUR, 0},
    {"USB: sao chép hàng loạt tệp", ON_FIRST, 6, DAY, DAY, 0},
    {"Tải tệp lên dịch vụ lưu trữ: Google Drive", ON_FIRST, 14, 2 * DAY,
     12 * HOUR, 0},
    {"Nén dữ liệu rồi tải lên mạng", ON_FIRST, 4, 5 * DAY, DAY, 0},
    {"Large upload outside working hours", ON_FIRST, 5, 5 * DAY + HOUR, DAY, 0},
};

const struct script attack_scripts[N_ATTACKS] = {
    {"Dò mật khẩu SSH thành công rồi cài cửa hậu trên máy chủ",
     "SSH brute force, success, then persistence on a server", 1, 17, 23, 10,
     .n_hosts = {0, 1}, STEPS(brute_force)},
    {"Dò quét, khai thác rồi cài webshell trong dịp Tết",
     "Scan, exploit, then a web shell, over Tết", 2, 11, 2, 20,
     .n_hosts = {0, 1}, STEPS(web_shell)},
    {"Mã độc từ USB lây qua các máy của một đơn vị",
     "Malware from a USB stick spreading over one unit", 3, 12, 8, 5,
     .n_hosts = {18, 0}, .one_unit = true, STEPS(spreading)},
    {"Tài liệu lừa đảo, PowerShell rồi máy chủ điều khiển",
     "Phishing document, PowerShell, then command and control", 4, 3, 9, 15,
     .n_hosts = {3, 0}, .one_unit = true, STEPS(phishing)},
    {"Một tài khoản bị lấy cắp đăng nhập nhiều máy",
     "One stolen account on many hosts", 5, 9, 13, 30, .n_hosts = {22, 0},
     .one_user = true, STEPS(one_user)},
    {"Dữ liệu bị gửi ra ngoài trong đêm", "Data leaving by night", 6, 8, 23, 40,
     .n_hosts = {1, 1}, STEPS(leaving_by_night)},
    {"Mã độc tống tiền tối thứ sáu", "Ransomware on a Friday night", 7, 5, 21,
     30, .n_hosts = {12, 1}, .one_unit = true, STEPS(ransomware)},
    {"Đào tiền ảo trên máy chủ và máy trạm",
     "Cryptocurrency mining on servers and endpoints", 7, 29, 3, 0,
     .n_hosts = {5, 4}, STEPS(mining)},
    {"Trình cập nhật phần mềm bị cài mã độc ở nhiều đơn vị",
     "A poisoned software updater in many units", 8, 20, 10, 0,
     .n_hosts = {30, 0}, STEPS(supply_chain)},
    {"Người trong nội bộ lấy dữ liệu", "An insider takes data", 9, 11, 8, 30,
     .n_hosts = {1, 0}, .one_user = true, STEPS(insider)},
};

uint32_t
attack_count(uint32_t count, int64_t scale_ppm)
{
    if (count <= 3 || scale_ppm >= 100000)
        return count;
    uint32_t fewer = (uint32_t)(count * scale_ppm / 100000);
    return fewer < 3 ? 3 : fewer;
}

uint32_t
attack_n_hosts(const struct script *script, const struct step *step,
               enum sample_file file)
{
    uint32_t n = script->n_hosts[file];
    return step->on == ON_EACH ? n : step->on == ON_REST ? n - 1 : 1;
}
