/* SPDX-License-Identifier: Apache-2.0
 *
 * BLAKE2b (RFC 7693) with 128 bits of result, from libsodium, which chooses
 * the fastest of its variants at its first use; its HMAC too. A digest is the
 * same number on every machine: it is kept in the log. */
#include "base/hash.h"

#include <assert.h>
#include <endian.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

static pthread_once_t sodium_once = PTHREAD_ONCE_INIT;

static void
start_sodium(void)
{
    int started = sodium_init();
    assert(started >= 0);
    (void)started;
}

static struct digest
digest_of_bytes(const unsigned char bytes[static sizeof(struct digest)])
{
    struct digest digest;
    memcpy(digest.half, bytes, sizeof digest.half);
    digest.half[0] = le64toh(digest.half[0]);
    digest.half[1] = le64toh(digest.half[1]);
    return digest;
}

struct digest
hash_digest(struct str s)
{
    unsigned char out[sizeof(struct digest)];
    pthread_once(&sodium_once, start_sodium);
    crypto_generichash_blake2b(out, sizeof out, (const unsigned char *)s.at,
                               s.len, NULL, 0);
    return digest_of_bytes(out);
}

/* Each part is preceded by its length, 8 bytes little-endian. */
struct digest
hash_digest_of(const struct str *parts, size_t n)
{
    unsigned char out[sizeof(struct digest)];
    crypto_generichash_blake2b_state state;
    pthread_once(&sodium_once, start_sodium);
    crypto_generichash_blake2b_init(&state, NULL, 0, sizeof out);
    for (size_t i = 0; i < n; i++) {
        uint64_t len = htole64(parts[i].len);
        unsigned char prefix[sizeof len];
        memcpy(prefix, &len, sizeof len);
        crypto_generichash_blake2b_update(&state, prefix, sizeof prefix);
        crypto_generichash_blake2b_update(
            &state, (const unsigned char *)parts[i].at, parts[i].len);
    }
    crypto_generichash_blake2b_final(&state, out, sizeof out);
    return digest_of_bytes(out);
}

struct mac
hash_mac(struct str key, struct str text)
{
    struct mac mac;
    crypto_auth_hmacsha256_state state;
    pthread_once(&sodium_once, start_sodium);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.at, key.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text.at,
                                  text.len);
    crypto_auth_hmacsha256_final(&state, mac.byte);
    sodium_memzero(&state, sizeof state);
    return mac;
}

bool
hash_same(struct str a, struct str b)
{
    pthread_once(&sodium_once, start_sodium);
    return a.len == b.len &&
           (a.len == 0 || sodium_memcmp(a.at, b.at, a.len) == 0);
}

void
hash_random(void *at, size_t n)
{
    pthread_once(&sodium_once, start_sodium);
    randombytes_buf(at, n);
}
