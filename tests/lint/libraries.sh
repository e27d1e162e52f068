#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each foreign library is included by one file, so that it can be replaced
# there, and its ways stay there. A header that is neither C's, POSIX', Linux'
# nor ours must be listed here.
. "$(dirname "$0")/lib.sh"
set -f # patterns below are for names of headers, not for files here

# header pattern | the files that may include it; Kafka has the largest
# interface and is spread over a few files that begin with its nouns
owners='simdjson.h|base/json.cc
yaml.h|base/yaml.c
hiredis/*|base/redis.c
maxminddb.h|ingest/geo.c
sodium.h|base/hash.c
pcre2.h|correlate/regex.c
curl/*|respond/curl.c
microhttpd.h|console/http.c
librdkafka/*|base/kafka*.[ch] base/consumer*.c tests/*
criterion/*|tests/*
dlfcn.h|tests/unit/test_stage.c tests/unit/test_consumer.c tests/system/clock_step.c
threads.h|tests/unit/c11_thread.c'

# C, POSIX and Linux.
system=' assert.h ctype.h errno.h fcntl.h fnmatch.h getopt.h glob.h inttypes.h
limits.h locale.h math.h poll.h pthread.h pwd.h sched.h semaphore.h signal.h
spawn.h stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h
stdnoreturn.h string.h strings.h syslog.h termios.h time.h unistd.h dirent.h
wchar.h arpa/inet.h netdb.h net/if.h netinet/in.h netinet/tcp.h sys/epoll.h
sys/eventfd.h sys/file.h sys/inotify.h sys/ioctl.h sys/mman.h sys/prctl.h
sys/random.h sys/resource.h sys/signalfd.h sys/socket.h sys/stat.h
sys/statvfs.h sys/time.h sys/timerfd.h sys/types.h sys/uio.h sys/un.h
sys/utsname.h sys/wait.h linux/limits.h linux/falloc.h malloc.h link.h
emmintrin.h nmmintrin.h endian.h '
system=${system//$'\n'/ }
# C++, for the wrappers of C++ libraries.
cxx=' new memory string string_view vector exception utility algorithm array
charconv cstddef cstdint cstdlib cstring limits type_traits '
cxx=${cxx//$'\n'/ }

while read -r file; do
    subject
    while IFS=: read -r line header; do
        [[ $system != *" $header "* ]] || continue
        [[ $file != *.cc || $cxx != *" $header "* ]] || continue
        known=''
        while IFS='|' read -r pattern owner; do
            # shellcheck disable=SC2053
            [[ $header == $pattern ]] || continue
            known=$owner
            allowed=''
            for one in $owner; do
                # shellcheck disable=SC2053
                [[ $file != $one ]] || allowed=1
            done
            [[ -n $allowed ]] ||
                finding "$file" "$file:$line: only $owner may include <$header>"
        done <<<"$owners"
        [[ -n $known ]] || finding "$file" \
            "$file:$line: <$header> has no owner (tests/lint/libraries.sh)"
    done < <(sed -n -E '/^[ \t]*#[ \t]*include[ \t]*</{=;s/.*<([^>]*)>.*/\1/p}' \
        "$file" | paste -d: - -)
done < <(sources)
done_linting
