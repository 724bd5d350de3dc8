/*
 * A digest of bytes: two 64-bit lanes, each multiplied and folded word by word (the mixing step of
 * SplitMix64, Steele et al. 2014) with constants of its own.
 */
#include "digest.h"

#include <string.h>

static uint64_t stir(uint64_t lane, uint64_t word, uint64_t factor)
{
    lane = (lane ^ word) * factor;
    return lane ^ (lane >> 29);
}

static ps_digest take_word(ps_digest d, uint64_t word)
{
    d.a = stir(d.a, word, 0xbf58476d1ce4e5b9u);
    d.b = stir(d.b, word ^ d.a, 0x94d049bb133111ebu);
    return d;
}

ps_digest ps_digest_of(ps_digest before, const void *bytes, size_t size_bytes)
{
    const unsigned char *from = bytes;
    ps_digest d = take_word(before, 0x9e3779b97f4a7c15u + size_bytes);
    uint64_t word;

    for (; size_bytes >= sizeof word; size_bytes -= sizeof word, from += sizeof word) {
        memcpy(&word, from, sizeof word);
        d = take_word(d, word);
    }
    word = 0;
    if (size_bytes > 0)
        memcpy(&word, from, size_bytes);
    return take_word(take_word(d, word), 0x9e3779b97f4a7c15u);
}
