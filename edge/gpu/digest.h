/* A digest of bytes, to know them again: 128 bits, not for secrets. */
#ifndef PLAINSONG_EDGE_GPU_DIGEST_H
#define PLAINSONG_EDGE_GPU_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ps_digest {
    uint64_t a, b;
} ps_digest;

/* Of bytes that follow others: `before` is their digest, zeros for none. */
ps_digest ps_digest_of(ps_digest before, const void *bytes, size_t size_bytes);

static inline bool ps_digest_equal(ps_digest x, ps_digest y)
{
    return x.a == y.a && x.b == y.b;
}

#endif
