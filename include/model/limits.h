/* SPDX-License-Identifier: Apache-2.0
 *
 * Every maximum of the program. What would grow past one is cut, refused or
 * dead-lettered, counted, and named in `status`. */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

enum {
    MAX_MESSAGE_BYTES = 1 << 20, /* one message from a sensor */
    MAX_OUTPUT_BYTES = 8 << 20,  /* one record on a topic of ours */
    MAX_JSON_DEPTH = 64,
    MAX_ALERTS_PER_MESSAGE = 10000,
    MAX_FIELD_BYTES = 8192, /* one normalised field; longer is cut */
    MAX_TECHNIQUES = 16,    /* ATT&CK ids of one alert */
    MAX_KEY_BYTES = 255,    /* a name used as a key: host, rule */
    MAX_SOURCES = 256,
    MAX_PARTITIONS = 4096,
    MAX_BATCH_RECORDS = 4096,
    MAX_COUNT_CELLS = 4 << 20, /* of one partition */
    MAX_VENDOR_IDS = 8 << 20,  /* of one partition, for dedup */
    MAX_OPEN_LETTERS = 100000, /* of one partition */
    MAX_INVENTORY_ENTRIES = 200000,
    MAX_GROUP_FIELDS = 8, /* of a correlation; and of its value tuple */
    MAX_CORRELATION_STEPS = 32,
    MAX_STEP_COUNTS = 256, /* sum of the per-step counts of a correlation */
    MAX_CONJUNCTS = 64,    /* of a condition of words, multiplied out */
    MAX_CARRIED = 8,       /* fields a correlation gives to others */
    MAX_CHAIN_FEEDS = 64,  /* correlations that refer to one */
    MAX_LEVELS = 8,        /* correlations of correlations */
    MAX_MEMBERS = 4096,    /* that a silence names */
    MAX_HOLIDAYS = 1024,
    MAX_RARE = 64,             /* times that rare tells apart */
    MAX_SPIKE_BUCKETS = 4096,  /* of a timespan */
    MAX_RISK_BUCKETS = 256,    /* each may hold a draft of an incident */
    MAX_DISTINCT_RULES = 1024, /* that risk asks for */
    MAX_THRESHOLD = 2048, /* so that a covered stretch keeps both its ends */
    MAX_CORRELATION_BYTES = 256 << 10, /* its text on soc.rules */
    MAX_CORRELATIONS = 65536,          /* known to one process */
    MAX_HOLD_MS = 86400000, /* of event time: windows wait for a source that is
                               set aside, and `floor` for late alerts */
    MAX_KEY_TEXT_BYTES = 2048,          /* a group key as written */
    MAX_FIRING_NAMES_BYTES = 4096,      /* names that go with a firing */
    MAX_WINDOW_RECORD_BYTES = 4 << 20,  /* then further records follow */
    MAX_WINDOW_BATCH_BYTES = 128 << 20, /* entries of one source record */
    MAX_WINDOW_ENTRIES = 4096,          /* of one (rule, key) */
    MAX_WINDOWS = 1 << 20,              /* of one windows partition */
    MAX_WINDOWS_BYTES = 256 << 20,      /* of one windows partition */
    MAX_EPISODES = 256,                 /* of one window, at a time */
    MAX_COUNTED_RULES = 4096, /* by name in /metrics; the rest as "other" */
    MAX_CAPS_KEPT = 8,        /* the last to reach each limit, of one worker */
    MAX_CAPPED = 16,          /* named in one record of the feed */
    MAX_INCIDENT_NAMES = 32,
    MAX_INCIDENT_MORE = 256,
    MAX_EVIDENCE = 16,
    MAX_TICKETS_KEPT = 1 << 20,
    MAX_TICKET_NAMES = 8 << 20,    /* hosts, users, addresses of all tickets */
    MAX_TAKEN_INCIDENTS = 8 << 20, /* each remembered for ever */
    MAX_HELD_INCIDENTS = 100000,   /* floor, for five minutes each */
    MAX_MESSAGES = 4096,           /* unanswered, and the last answered */
    MAX_SILENCES = 10000,
    MAX_OVERRIDES = 10000,
    MAX_ANSWERS = 1024,        /* the last, for who asked */
    SCRATCH_BYTES = 256 << 20, /* reserved, touched only when used */
};

#endif
