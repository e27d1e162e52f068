/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of words that rule names and texts are made of. */
#ifndef DEPLOY_SAMPLE_WORDS_H
#define DEPLOY_SAMPLE_WORDS_H

#include <stddef.h>

struct words {
    const char *const *at;
    size_t n;
};

/* X(name): one list each, in words.c */
#define WORD_LISTS(X)                                                          \
    X(trojans)                                                                 \
    X(remote_tools)                                                            \
    X(worms)                                                                   \
    X(viruses)                                                                 \
    X(ransoms)                                                                 \
    X(usb_malware)                                                             \
    X(miners)                                                                  \
    X(adware)                                                                  \
    X(riskware)                                                                \
    X(unwanted)                                                                \
    X(linux_malware)                                                           \
    X(variants)                                                                \
    X(software)                                                                \
    X(site_groups)                                                             \
    X(updates)                                                                 \
    X(devices)                                                                 \
    X(discovery)                                                               \
    X(powershell)                                                              \
    X(script_hosts)                                                            \
    X(lolbins)                                                                 \
    X(run_keys)                                                                \
    X(tasks)                                                                   \
    X(internal)                                                                \
    X(ports)                                                                   \
    X(flaws)                                                                   \
    X(clouds)                                                                  \
    X(file_types)                                                              \
    X(uac)                                                                     \
    X(baselines)                                                               \
    X(numbers)                                                                 \
    X(web_paths)                                                               \
    X(scanners)                                                                \
    X(services)                                                                \
    X(web_attacks)                                                             \
    X(web_apps)                                                                \
    X(weak_settings)                                                           \
    X(server_health)                                                           \
    X(countries)                                                               \
    X(script_types)                                                            \
    X(webshells)                                                               \
    X(shells)                                                                  \
    X(databases)                                                               \
    X(surnames)                                                                \
    X(middle_names)                                                            \
    X(given_names)                                                             \
    X(documents)

#define X(name) extern const struct words words_##name;
WORD_LISTS(X)
#undef X

#endif
