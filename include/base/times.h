/* SPDX-License-Identifier: Apache-2.0
 *
 * Instants are milliseconds since 1970-01-01T00:00:00Z in an int64_t ("_ms");
 * days are days since 1970-01-01 in some zone (int32_t). The civil calendar
 * is computed here (proleptic Gregorian, H. Hinnant, "chrono-compatible
 * low-level date algorithms"), never by the C library: no zone files. */
#ifndef BASE_TIMES_H
#define BASE_TIMES_H

#include "base/buf.h"

#define MS_PER_DAY INT64_C(86400000)
#define VIETNAM_MINUTES 420 /* UTC+7, no summer time */
#define NO_TIME INT64_MIN
#define LAST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct civil {
    int year;
    int month, day;           /* from 1 */
    int hour, minute, second; /* from 0; a leap second 60 reads as 59.999 */
    int ms;
};

int32_t day_from_civil(int year, int month, int day);
struct civil civil_from_ms(int64_t ms, int zone_minutes);
int64_t ms_from_civil(struct civil civil, int zone_minutes);
int32_t day_of_ms(int64_t ms, int zone_minutes); /* floors */
bool civil_valid(struct civil civil);

/* ISO 8601 / RFC 3339: "2024-05-01T08:15:30.123+07:00", 'T' or a blank, "Z",
 * "+0700", "+07", fraction of 1 to 9 digits (cut to ms; comma or point), date
 * alone too. Without a zone, `zone_minutes` holds. False when it is not one. */
bool time_from_iso(struct str text, int zone_minutes, int64_t *ms);
/* "31/12/2024 23:59:59", "31/12/2024 23:59" or "31/12/2024". */
bool time_from_dmy(struct str text, int zone_minutes, int64_t *ms);
/* A count since 1970 with optional fraction; `per_second` 1, 1000, 10^6, 10^9;
 * 0 guesses by size (s below 10^11, ms below 10^14, µs below 10^17, else ns).
 * Cut toward the past. False on anything but decimal digits or out of range. */
bool time_from_epoch(struct str text, int64_t per_second, int64_t *ms);

/* "2024-05-01T08:15:30.123Z" for zone 0, else with "+07:00". */
void buf_iso(struct buf *buf, int64_t ms, int zone_minutes);
void buf_day(struct buf *buf, int32_t day); /* "2024-05-01" */

#endif
