/*
 * Spans written down for another thread: in as few bytes as they need, as these travel from one
 * processor's cache to the other's.
 *
 *      head, levels [, cutoffs] [, strides] {, news of a lane}
 */
#include "synth/span.h"

#include <stddef.h>
#include <string.h>

#define HEAD_BYTES offsetof(ps_group_span, aims)

static uint8_t *put(uint8_t *to, const void *from, size_t bytes)
{
    memcpy(to, from, bytes);
    return to + bytes;
}

static const uint8_t *get(void *to, const uint8_t *from, size_t bytes)
{
    memcpy(to, from, bytes);
    return from + bytes;
}

uint32_t ps_span_write(uint8_t *to, const ps_group_span *span, uint32_t moved_frames)
{
    const uint32_t offset = span->offset + moved_frames;
    uint8_t *at = put(to, span, HEAD_BYTES);

    memcpy(to + offsetof(ps_group_span, offset), &offset, sizeof offset);
    at = put(at, span->aims.level, sizeof span->aims.level);
    if (span->flags & PS_MIX_FILTER_MOVES)
        at = put(at, span->aims.cutoff_octaves, sizeof span->aims.cutoff_octaves);
    if (span->flags & PS_SPAN_STRIDES)
        at = put(at, span->strides, sizeof span->strides);
    for (uint32_t lane = 0; span->told >> lane; lane++) {
        if (span->told >> lane & 1u)
            at = put(at, &span->news[lane], sizeof span->news[lane]);
    }
    return (uint32_t)(at - to);
}

void ps_span_read(ps_group_span *span, const uint8_t *from)
{
    from = get(span, from, HEAD_BYTES);
    from = get(span->aims.level, from, sizeof span->aims.level);
    if (span->flags & PS_MIX_FILTER_MOVES)
        from = get(span->aims.cutoff_octaves, from, sizeof span->aims.cutoff_octaves);
    if (span->flags & PS_SPAN_STRIDES)
        from = get(span->strides, from, sizeof span->strides);
    for (uint32_t lane = 0; span->told >> lane; lane++) {
        if (span->told >> lane & 1u)
            from = get(&span->news[lane], from, sizeof span->news[lane]);
    }
}
