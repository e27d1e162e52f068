/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of the sample. Malware and tool names are those in public use;
 * an entry may be added anywhere, but a changed list changes what a seed
 * gives. Text is UTF-8. */
#include "words.h"

#define LIST(name, ...)                                                        \
    static const char *const name##_words[] = {__VA_ARGS__};                   \
    const struct words words_##name = {                                        \
        name##_words, sizeof name##_words / sizeof name##_words[0]}

LIST(trojans, "Emotet", "TrickBot", "Qakbot", "IcedID", "Dridex", "Ursnif",
     "Zbot", "Formbook", "Lokibot", "Guloader", "Smokeloader", "Bumblebee",
     "Ramnit", "Fareit", "Vidar", "RedLine", "Raccoon", "Azorult", "Hancitor",
     "Zloader", "Gozi", "Tofsee", "Kovter", "Danabot", "Amadey",
     "PrivateLoader", "Glupteba", "Stealc", "Lumma", "Rhadamanthys", "Pikabot",
     "DarkGate", "Latrodectus", "Phorpiex", "Necurs", "Kelihos", "Andromeda",
     "Gamarue", "Tinba", "Neutrino", "Pony", "Chthonic", "Panda", "Osiris",
     "Nymaim", "Bunitu", "Upatre", "Dyre", "Shifu", "Vawtrak", "Agent",
     "Generic", "Injector", "Kryptik", "Packed", "Dropper", "Downloader",
     "Starter", "Tiggre", "Wacatac");
LIST(remote_tools, "AgentTesla", "AsyncRAT", "NjRAT", "Remcos", "QuasarRAT",
     "NanoCore", "DarkComet", "WarzoneRAT", "XWorm", "DCRat", "VenomRAT",
     "LimeRAT", "Orcus", "BitRAT", "SnakeKeylogger", "PlugX", "Gh0st",
     "PoisonIvy", "ShadowPad", "CobaltStrike");
LIST(worms, "Jenxcus", "Dunihi", "Houdini", "Conficker", "Brontok", "Autorun",
     "Gamarue", "Vobfus", "Dinihou", "Lnkr", "Bondat", "Forbix");
LIST(viruses, "Sality", "Virut", "Parite", "Neshta", "Ramnit", "Expiro",
     "Jeefo", "Floxif", "Xpaj", "Mikcer");
LIST(ransoms, "LockBit", "BlackCat", "Conti", "Ryuk", "Phobos", "Dharma",
     "STOP", "Maze", "REvil", "Hive", "BlackBasta", "Akira", "Royal", "Cl0p",
     "Medusa", "Play", "Makop", "GandCrab", "Cerber", "WannaCry", "Locky",
     "TeslaCrypt", "Babuk", "AvosLocker", "BianLian");
LIST(usb_malware, "Raspberry Robin", "lối tắt LNK", "Autorun.inf",
     "thư mục giả", "Mustang Panda", "PlugX", "Gamarue", "SOGU", "Andromeda",
     "Bondat", "Retadup", "tệp ẩn .vbs", "tệp .exe đội lốt thư mục",
     "WispRider", "Forbix");
LIST(miners, "XMRig", "PhoenixMiner", "NBMiner", "LoudMiner", "WannaMine",
     "PowerGhost", "Lemon Duck", "KingMiner", "Coinhive", "CoinMiner.gen",
     "CPUMiner", "T-Rex");
LIST(adware, "BrowseFox", "Conduit", "OpenCandy", "InstallCore", "Crossrider",
     "MultiPlug", "Eorezo", "DealPly", "Linkury", "ConvertAd", "Elex", "Imali",
     "SoftPulse", "Amonetize", "Vittalia", "Dotdo", "PriceGong", "WebCompanion",
     "SearchSuite", "Superfish", "Wajam", "Vosteran", "Adposhel", "FusionCore",
     "Neoreklami", "Relevant", "Zdengo", "Hebogo", "SearchMate", "ShopHelper");
LIST(riskware, "KMSAuto", "KMSPico", "Keygen", "Crack", "Patcher", "ProcHack",
     "NetCat", "Nmap", "Mimikatz", "PassView", "RemoteAdmin", "HackTool",
     "GameHack", "Injector", "ProxyTool", "PSExec", "TeamViewer.mod",
     "AnyDesk.mod", "UltraVNC", "RDPWrap", "WinDivert", "Process.Kill",
     "WebCrack", "AutoKMS", "GameGuard");
LIST(unwanted, "Toolbar.Ask", "Toolbar.Babylon", "Bundler.Softonic",
     "Bundler.CNET", "Optimizer.PCTool", "DriverUpdate", "RegCleaner", "MyWay",
     "ByteFence", "WebDiscover", "SlimCleaner", "Reimage", "IObit", "Segurazo",
     "AdvancedSystemCare", "UniBlue", "SpeedUpPC", "Snap.Do", "Delta.Toolbar",
     "Yontoo", "Sweetpacks", "Iminent", "FunWeb", "Incredibar", "Mindspark",
     "WinZipDriver", "FakeAV.Lite", "ChromeExt.Gen", "EdgeExt.Gen",
     "FirefoxExt", "GarenaBundle", "VideoConverter", "FreeYTB", "PDFBundle",
     "Unikey.fake", "FontPack", "ZipBundle", "TorrentBundle", "VLC.fake",
     "GameBooster", "WifiMaster", "VPNFree", "ProxyGate", "Hola", "Betternet",
     "UltraSurf", "Freegate", "Psiphon", "XSplit", "CleanMaster");
LIST(linux_malware, "Mirai", "Gafgyt", "XorDDoS", "Kinsing", "Mozi", "Tsunami",
     "Muhstik", "BPFDoor", "Diamorphine", "Reptile", "SkidMap", "TeamTNT",
     "Perfctl", "RotaJakiro", "Ebury");
LIST(variants, "A", "B", "C", "D", "E", "gen", "gen!A", "AB", "XK", "RS!MTB",
     "ml", "bot", "RDA", "VZ");
LIST(software, "uTorrent", "BitTorrent", "qBittorrent", "FlashGet",
     "IDM bẻ khóa", "TeamViewer", "AnyDesk", "UltraViewer", "RustDesk",
     "Ammyy Admin", "LogMeIn", "Radmin", "TightVNC", "Zalo bản lậu",
     "Telegram Desktop", "Viber", "WeChat", "WhatsApp", "Line", "Skype cũ",
     "Garena", "Steam", "Epic Games", "Roblox", "Minecraft",
     "Liên Minh Huyền Thoại", "FIFA Online 4", "Đột Kích", "Võ Lâm Truyền Kỳ",
     "AutoClick", "Cheat Engine", "BlueStacks", "LDPlayer", "NoxPlayer", "MEmu",
     "Gameloop", "Photoshop bẻ khóa", "AutoCAD bẻ khóa", "Office bẻ khóa",
     "WinRAR cũ", "7-Zip cũ", "CCleaner", "DriverPack", "Advanced IP Scanner",
     "Wireshark", "Nmap", "Cain", "Burp Suite", "Metasploit", "OpenVPN",
     "NordVPN", "ExpressVPN", "Hotspot Shield", "Tor Browser", "Opera GX",
     "Cốc Cốc cũ", "Flash Player", "Java 6", "Python portable",
     "Node.js portable", "XAMPP", "WampServer", "FileZilla Server", "Serv-U",
     "DC++", "eMule", "Dropbox", "MEGAsync", "pCloud", "iCloud Drive",
     "Google Drive cá nhân", "OBS Studio", "Bandicam", "Camtasia bẻ khóa",
     "VMware lậu", "VirtualBox", "Rufus", "UltraISO", "Daemon Tools",
     "Foxit cũ", "WPS Office", "Kingsoft", "Baidu PC Faster", "QQ Browser",
     "360 Safe", "PotPlayer", "KMPlayer", "Proshow bẻ khóa", "NetCut",
     "WifiKill");
LIST(site_groups, "cờ bạc", "cá cược thể thao", "phim lậu", "tải phần mềm lậu",
     "trò chơi trực tuyến", "tiền mã hóa", "người lớn", "mạng xã hội",
     "chia sẻ tệp", "máy chủ trung chuyển", "rút gọn liên kết",
     "quảng cáo độc hại", "lừa đảo ngân hàng", "lừa đảo trúng thưởng",
     "giả mạo cơ quan nhà nước", "giả mạo dịch vụ công", "tên miền mới đăng ký",
     "đào tiền trên trình duyệt", "thư rác", "bán hàng đa cấp", "tin giả",
     "nội dung vi phạm", "bạo lực", "ma túy", "vũ khí", "diễn đàn tin tặc",
     "công cụ tấn công", "nghe nhạc lậu", "truyện lậu", "xem bói");
LIST(updates, "KB4012212", "KB4012598", "KB4499164", "KB4534310", "KB4551762",
     "KB4565349", "KB4571756", "KB4577586", "KB4586781", "KB4592438",
     "KB4598242", "KB4601319", "KB5000802", "KB5001330", "KB5003173",
     "KB5003637", "KB5004237", "KB5004945", "KB5005033", "KB5005565",
     "KB5006670", "KB5007186", "KB5008212", "KB5009543", "KB5010342",
     "KB5011487", "KB5012599", "KB5013942", "KB5014699", "KB5015807",
     "KB5016616", "KB5017308", "KB5018410", "KB5019959", "KB5021233",
     "KB5022282", "KB5022834", "KB5023696", "KB5025221", "KB5026361",
     "KB5027215", "KB5028166", "KB5029244", "KB5030211", "KB5031356",
     "KB5032189", "KB5033372", "KB5034122", "KB5034441", "KB5034763",
     "KB5035845", "KB5036892", "KB5037768", "KB5039211", "KB5040427",
     "KB5041580", "KB5043064", "Office 2013 SP1", "Office 2016 C2R",
     "Exchange CU23");
LIST(devices, "Kingston DataTraveler", "SanDisk Cruzer", "SanDisk Ultra",
     "Transcend JetFlash", "Toshiba TransMemory", "HP v220w", "Sony MicroVault",
     "Samsung BAR", "WD Elements", "WD My Passport", "Seagate Expansion",
     "Seagate Backup Plus", "Apacer AH", "Lexar JumpDrive", "ADATA UV",
     "Silicon Power", "Team C171", "Patriot Xporter", "iPhone",
     "Samsung Galaxy", "Xiaomi Redmi", "OPPO", "Vivo", "đầu đọc thẻ SD",
     "không rõ hãng");
LIST(discovery, "whoami", "net user", "net group", "net view", "ipconfig",
     "systeminfo", "tasklist", "netstat", "nltest", "arp", "route print",
     "query user", "quser", "wmic os", "wmic process", "dsquery", "nslookup",
     "tracert", "reg query", "dir /s", "driverquery", "schtasks /query",
     "net localgroup", "net share", "hostname");
LIST(powershell, "vượt chính sách thực thi", "cửa sổ ẩn", "chuỗi Base64 dài",
     "gọi Invoke-Expression", "gọi Invoke-WebRequest", "gọi DownloadString",
     "gọi DownloadFile", "gọi Start-BitsTransfer", "gọi Net.WebClient",
     "tắt nhật ký ScriptBlock", "sửa AMSI", "nạp assembly từ bộ nhớ",
     "đọc bộ nhớ LSASS", "liệt kê miền", "liệt kê tài khoản", "gọi Win32 API",
     "tạo tác vụ định kỳ", "sửa registry Run", "tắt Windows Defender",
     "thêm ngoại lệ Defender", "chụp màn hình", "ghi phím", "nén thư mục",
     "gửi thư SMTP", "kết nối socket", "mã hóa tệp", "xóa bản sao lưu",
     "phiên bản 2 cũ", "chạy từ Office", "chạy từ trình duyệt", "chạy từ WMI",
     "chạy từ dịch vụ", "obfuscation by backticks", "obfuscation by concat",
     "reflection Load()", "Empire stager pattern", "Nishang script",
     "PowerSploit module", "PowerView cmdlet", "BloodHound collector");
LIST(script_hosts, "wscript.exe", "cscript.exe", "mshta.exe", "cmd.exe",
     "python.exe", "autoit3.exe", "node.exe", "hh.exe");
LIST(lolbins, "certutil.exe", "bitsadmin.exe", "mshta.exe", "regsvr32.exe",
     "rundll32.exe", "msiexec.exe", "wmic.exe", "cmstp.exe", "installutil.exe",
     "msbuild.exe", "regasm.exe", "regsvcs.exe", "odbcconf.exe", "forfiles.exe",
     "pcalua.exe", "scriptrunner.exe", "syncappvpublishingserver.exe",
     "control.exe", "hh.exe", "ieexec.exe", "makecab.exe", "expand.exe",
     "extrac32.exe", "esentutl.exe", "findstr.exe", "ftp.exe", "curl.exe",
     "desktopimgdownldr.exe", "presentationhost.exe", "xwizard.exe",
     "mavinject.exe", "dnscmd.exe", "diskshadow.exe", "appvlp.exe", "at.exe",
     "csc.exe", "wuauclt.exe", "print.exe", "replace.exe", "verclsid.exe");
LIST(run_keys, "OneDriveUpdate", "AdobeARM", "JavaUpdate", "WindowsHelper",
     "SystemService", "svchost32", "chrome_upd", "ZaloUpdate", "UnikeyNT",
     "AudioDriver", "IntelGfx", "USBGuard", "SecurityHealth2", "explorer_",
     "msedge_", "winlogonx", "taskhostw2", "ctfmon32", "spoolsvc", "HPPrint",
     "CanonTray", "TeamHelper", "SkypeBoot", "googledrv", "không tên");
LIST(tasks, "Microsoft\\Updater", "GoogleUpdateTaskX", "AdobeFlash",
     "OneDrive Sync", "SystemCheck", "DiskHealth", "WinDefendX", "BackupHome",
     "AutoKMS", "SvcRestart", "MSOfficeTel", "NetworkTest", "UserLogon",
     "HourlyRun", "DailyPing", "Zalo", "CocCocUpdate", "chạy tệp .vbs",
     "chạy tệp .ps1", "chạy tệp .bat", "chạy mshta", "chạy rundll32",
     "chạy từ AppData", "chạy từ ProgramData", "chạy từ Public", "quyền SYSTEM",
     "mỗi 5 phút", "khi đăng nhập", "khi rảnh", "tên ngẫu nhiên");
LIST(internal, "SMB", "RDP", "WinRM", "WMI", "SSH", "DCOM");
LIST(ports, "22", "23", "21", "25", "53", "80", "110", "135", "139", "443",
     "445", "1433", "1521", "3306", "3389", "5432", "5900", "6379", "8080",
     "27017");
LIST(flaws, "CVE-2017-0144", "CVE-2017-5638", "CVE-2017-10271",
     "CVE-2017-11882", "CVE-2018-7600", "CVE-2018-13379", "CVE-2018-20250",
     "CVE-2019-0604", "CVE-2019-0708", "CVE-2019-2725", "CVE-2019-11510",
     "CVE-2019-19781", "CVE-2020-0601", "CVE-2020-0688", "CVE-2020-0796",
     "CVE-2020-1472", "CVE-2020-5902", "CVE-2020-14882", "CVE-2020-17530",
     "CVE-2021-21972", "CVE-2021-22005", "CVE-2021-26084", "CVE-2021-26855",
     "CVE-2021-27065", "CVE-2021-31207", "CVE-2021-34473", "CVE-2021-34527",
     "CVE-2021-40444", "CVE-2021-41773", "CVE-2021-42013", "CVE-2021-44228",
     "CVE-2022-1388", "CVE-2022-22954", "CVE-2022-22965", "CVE-2022-26134",
     "CVE-2022-30190", "CVE-2022-41040", "CVE-2022-41082", "CVE-2022-42475",
     "CVE-2023-2868", "CVE-2023-3519", "CVE-2023-22515", "CVE-2023-23397",
     "CVE-2023-27350", "CVE-2023-34362", "CVE-2023-38831", "CVE-2023-46604",
     "CVE-2024-1709", "CVE-2024-3400", "CVE-2024-4577");
LIST(clouds, "Google Drive", "Dropbox", "OneDrive cá nhân", "MEGA", "MediaFire",
     "Fshare", "WeTransfer", "4shared", "pCloud", "Box", "Yandex Disk",
     "GoFile", "AnonFiles", "Telegram", "Zalo Cloud");
LIST(file_types, ".xlsx", ".docx", ".pdf", ".pptx", ".zip", ".rar", ".7z",
     ".mdb", ".sql", ".bak", ".dwg", ".csv", ".pst", ".jpg", ".mp4", ".xls",
     ".doc", ".txt", ".exe", ".iso");
LIST(uac, "fodhelper.exe", "eventvwr.exe", "sdclt.exe", "computerdefaults.exe",
     "slui.exe", "wsreset.exe", "cmstp.exe", "silentcleanup", "mmc.exe",
     "ComAutoApproval", "token duplication", "DLL hijack", "IFileOperation",
     "wusa.exe", "changepk.exe");
LIST(baselines, "số kết nối", "giờ đăng nhập", "số tệp mở", "lượng tải lên",
     "lượng tải xuống", "số tiến trình", "tiến trình mới lạ", "thư mục mới lạ",
     "cổng mới lạ", "quốc gia mới lạ", "thiết bị mới lạ", "tài khoản mới lạ",
     "tần suất DNS", "tần suất in ấn", "thời lượng phiên", "số lỗi xác thực",
     "chuỗi lệnh hiếm", "tệp hiếm", "trình duyệt hiếm", "tên máy hiếm");
LIST(numbers, "0017", "0042", "0108", "0131", "0156", "0203", "0219", "0257",
     "0288", "0310", "0345", "0377", "0402", "0419", "0460", "0488", "0511",
     "0534", "0566", "0590", "0613", "0642", "0671", "0699", "0724", "0750",
     "0783", "0811", "0847", "0875", "0902", "0933", "0964", "0991", "1024",
     "1060", "1088", "1117", "1151", "1190");
LIST(web_paths, "/admin", "/wp-login.php", "/phpmyadmin", "/.git/config",
     "/.env", "/backup.zip", "/manager/html", "/solr", "/jenkins", "/owa",
     "/api/v1/users", "/console", "/actuator/env", "/cgi-bin", "/test.php",
     "/upload", "/config.bak", "/web.config", "/server-status",
     "/vendor/phpunit");
LIST(scanners, "sqlmap", "Nikto", "Nuclei", "Nmap NSE", "masscan", "zgrab",
     "WPScan", "DirBuster", "gobuster", "Acunetix", "Nessus", "OpenVAS",
     "Censys", "Shodan", "python-requests");
LIST(services, "SSH", "RDP", "FTP", "SMTP", "IMAP", "MySQL", "MSSQL",
     "PostgreSQL", "Oracle", "VPN", "trang quản trị", "thư điện tử công vụ");
LIST(web_attacks, "SQL injection", "XSS", "LFI", "RFI", "path traversal",
     "command injection", "SSRF", "XXE", "file upload", "deserialization",
     "SSTI", "CSRF", "open redirect", "HTTP smuggling", "NoSQL injection");
LIST(web_apps, "Cổng thông tin", "Dịch vụ công", "Một cửa điện tử", "iOffice",
     "VNPT iGate", "Liferay", "DotNetNuke", "SharePoint", "Joomla", "WordPress",
     "Drupal", "Moodle", "Outlook Web", "Zimbra", "GeoServer", "Jenkins",
     "GitLab", "Confluence", "Tomcat", "WebLogic", "Nginx", "Apache", "IIS",
     "PHP-FPM", "Spring Boot", "Struts", "ThinkPHP", "Laravel", "Node.js",
     "Elasticsearch");
LIST(weak_settings, "SMBv1 còn bật", "Telnet còn bật", "FTP không mã hóa",
     "mật khẩu mặc định", "tài khoản guest còn bật",
     "chia sẻ ghi cho mọi người", "không giới hạn đăng nhập",
     "sao lưu trong thư mục web", "liệt kê thư mục", "trang gỡ lỗi còn bật",
     "phiên bản PHP cũ", "phiên bản Apache cũ", "phiên bản OpenSSL cũ",
     "thiếu bản vá hệ điều hành", "tường lửa tắt", "SELinux tắt",
     "root đăng nhập SSH", "cổng quản trị mở ra mạng", "chứng thư sắp hết hạn",
     "chứng thư tự ký", "TLS 1.0 còn bật", "SNMP public", "NTP mở",
     "Redis không mật khẩu", "MongoDB không mật khẩu");
LIST(server_health, "đĩa đầy trên 90 %", "bộ nhớ đầy trên 95 %",
     "CPU cao kéo dài", "dịch vụ dừng", "khởi động lại ngoài lịch",
     "mất kết nối giám sát", "đồng hồ lệch", "sao lưu thất bại",
     "RAID suy giảm", "nhật ký bị xóa", "agent phiên bản cũ",
     "quá nhiều tiến trình");
LIST(countries, "Nga", "Trung Quốc", "Hoa Kỳ", "Hà Lan", "Đức", "Brazil",
     "Ấn Độ", "Indonesia", "Hàn Quốc", "Singapore", "Iran", "Thổ Nhĩ Kỳ",
     "Ukraina", "Romania", "Bulgaria", "Pháp", "Anh", "Nhật Bản", "Thái Lan",
     "Hồng Kông", "Đài Loan", "Pakistan", "Nigeria", "Argentina", "nút Tor");
LIST(script_types, ".aspx", ".ashx", ".asmx", ".php", ".phtml", ".jsp", ".jspx",
     ".war");
LIST(webshells, "China Chopper", "Godzilla", "Behinder", "AntSword", "WSO",
     "b374k", "c99", "r57", "ASPXSpy", "regeorg", "Neo-reGeorg", "JspSpy",
     "p0wny", "alfa", "weevely", "IndoXploit", "Mini Shell", "Cat Shell",
     "tennc", "SharPyShell", "ICESword", "Webacoo", "PAS", "BlueShell",
     "không rõ loại");
LIST(shells, "bash -i", "nc -e", "python pty", "perl socket", "php fsockopen",
     "socat", "PowerShell TCP", "meterpreter");
LIST(databases, "PostgreSQL", "MySQL", "MSSQL", "Oracle", "MongoDB", "LDAP");
LIST(surnames, "nguyen", "tran", "le", "pham", "hoang", "huynh", "phan", "vu",
     "vo", "dang", "bui", "do", "ho", "ngo", "duong", "ly", "chamalea",
     "taiyen", "katơr", "qua");
LIST(middle_names, "van", "thi", "duc", "minh", "ngoc", "thanh", "quoc", "huu",
     "xuan", "hong", "kim", "dinh", "anh", "tuan");
LIST(given_names, "anh", "binh", "chau", "cuong", "dung", "dat", "diep", "duy",
     "giang", "ha", "hai", "hanh", "hien", "hieu", "hoa", "hoang", "hung",
     "huong", "khanh", "khoa", "kiet", "lam", "lan", "linh", "loan", "long",
     "mai", "minh", "my", "nam", "nga", "ngan", "nghia", "nhan", "nhung",
     "oanh", "phong", "phuc", "phuong", "quan", "quang", "quyen", "son", "tam",
     "tan", "thang", "thao", "thinh", "thu", "thuy", "tien", "toan", "trang",
     "tri", "trung", "tu", "tuan", "tung", "uyen", "yen");
LIST(documents, "Quyet dinh phan cong", "Giay moi hop", "Bao cao thang",
     "To trinh", "Ke hoach 2024", "Danh sach can bo", "Bang luong",
     "Hoa don dien tu", "Thong bao nghi Tet", "Cong van khan",
     "Bien ban ban giao", "Du toan", "Hop dong", "Lich truc", "Phieu luong",
     "Chung tu", "Ho so mot cua", "Ảnh chụp màn hình", "Tài liệu tập huấn",
     "Đơn xin phép");
