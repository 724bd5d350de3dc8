/* How a convolution is cut into rows for a device. */
#include "blocks.h"

#define SIZE_LEAST 1024u /* smaller ones are as slow, and each size wants a plan of its own */

/* Longer pieces would overflow what we count in. */
#define FRAMES_MOST ((uint64_t)1 << 48)

bool ps_convolution_is_sound(const ps_convolution *job)
{
    return job->channels > 0 && job->in_frames <= FRAMES_MOST && job->out_frames <= FRAMES_MOST &&
           job->response_frames <= FRAMES_MOST &&
           (job->responses == 1 || job->responses == job->channels ||
            (job->responses == 4 && job->channels == 2));
}

/* ---- Cutting --------------------------------------------------------------------------------- */

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static uint64_t pairs_of(const ps_blocks *b, uint32_t size)
{
    return divide_up(b->results, 2 * (size - b->job->response_frames + 1));
}

/* How often a number is read or written: gathered, transformed, multiplied, transformed back and
 * scattered. */
static double touches(uint32_t size, uint32_t once_most)
{
    double passes = 1.0;

    for (double reach = once_most; reach < size; reach *= once_most)
        passes++;
    return 2.0 + 2.0 * passes + 2.0 + 2.0 * passes + 2.0;
}

static double traffic(const ps_blocks *b, uint32_t size, uint32_t once_most)
{
    return (double)pairs_of(b, size) * size * touches(size, once_most);
}

static uint32_t best_size(const ps_blocks *b, const ps_blocks_limits *limits)
{
    uint32_t best = 0;

    for (uint32_t size = SIZE_LEAST; size <= limits->size_most; size *= 2) {
        if (size < b->job->response_frames)
            continue;
        if (best == 0 || traffic(b, size, limits->once_most) < traffic(b, best, limits->once_most))
            best = size;
        if (pairs_of(b, size) == 1 || size > UINT32_MAX / 2)
            break;
    }
    return best;
}

ps_blocks ps_blocks_of(ps_convolution *job, uint32_t index, const ps_blocks_limits *limits)
{
    ps_blocks b = {.job = job, .index = index, .stereo = job->channels == 2 && job->responses == 4};

    if (job->in_frames > 0 && job->response_frames > 0)
        b.results = job->in_frames + job->response_frames - 1;
    if (b.results > job->out_frames)
        b.results = job->out_frames;
    b.size = best_size(&b, limits);
    if (b.size > 0) {
        b.hop = b.size - job->response_frames + 1;
        b.pairs = pairs_of(&b, b.size);
        b.first = job->done_frames >= b.results ? b.pairs : job->done_frames / (2 * b.hop);
    }
    return b;
}

uint64_t ps_blocks_rows(const ps_blocks *blocks)
{
    return (blocks->pairs - blocks->first) * blocks->job->channels;
}

double ps_blocks_traffic_bytes(const ps_blocks *blocks, const ps_blocks_limits *limits)
{
    return (double)ps_blocks_rows(blocks) * blocks->size *
           touches(blocks->size, limits->once_most) * 2.0 * sizeof(float);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The places of the spectra for what goes out of a channel. */
static void set_spectra(ps_gpu_row *row, const ps_blocks *b, uint32_t channel)
{
    if (b->stereo) {
        row->spectrum[0] = b->places[channel];     /* from the left */
        row->spectrum[1] = b->places[2 + channel]; /* from the right */
    } else {
        row->spectrum[0] = b->places[b->job->responses == 1 ? 0 : channel];
    }
}

/* `pairs` pairs of a channel as one segment, with rows in every `stride`-th place. */
static void add_segment(ps_gpu_chunk *chunk, const ps_blocks *b, uint32_t channel, uint64_t pair,
                        uint64_t pairs, uint64_t place, uint32_t stride)
{
    const uint64_t behind = b->job->response_frames - 1, step = 2 * b->hop;
    const uint64_t first = pair * step, end = least((pair + pairs) * step, b->results);
    const uint64_t from = least(first > behind ? first - behind : 0, b->job->in_frames);
    const uint64_t to = least(end, b->job->in_frames);
    ps_gpu_segment *s = &chunk->segments[chunk->segment_count++];

    *s = (ps_gpu_segment){
        .from = to > from ? b->job->in[channel] + from : NULL,
        .to = b->job->out[channel] + first,
        .up = (size_t)(to > from ? to - from : 0),
        .down = (size_t)(end - first),
        .in_at = chunk->in_count,
        .out_at = chunk->out_count,
        .item = b->index,
        .done_then = channel + 1 == b->job->channels ? end : 0,
    };
    for (uint64_t i = 0; i < pairs; i++) {
        ps_gpu_row *row = &chunk->rows[place + i * stride];
        const uint64_t at = first + i * step; /* its first result */

        *row = (ps_gpu_row){
            .in = (int32_t)((int64_t)s->in_at + (int64_t)(at - from) - (int64_t)behind),
            .low = (int32_t)s->in_at,
            .high = (int32_t)(s->in_at + s->up),
            .step = (int32_t)b->hop,
            .out = (int32_t)(s->out_at + (at - first)),
            .skip = (int32_t)behind,
            .count = (int32_t)least(step, end - at),
        };
        set_spectra(row, b, channel);
    }
    chunk->row_count += (uint32_t)pairs;
    chunk->in_count += s->up;
    chunk->out_count += s->down;
}

/* All channels of as many pairs as there is room for; those of true stereo lie side by side. */
static void add_whole_pairs(ps_blocks_cursor *c, ps_gpu_chunk *chunk, uint32_t room)
{
    const ps_blocks *b = &c->blocks[c->at];
    const uint64_t pairs = least(b->pairs - c->pair, room / b->job->channels);
    const uint32_t rows = chunk->row_count;

    for (uint32_t channel = 0; channel < b->job->channels; channel++)
        add_segment(chunk, b, channel, c->pair, pairs, rows + channel * (b->stereo ? 1 : pairs),
                    b->stereo ? 2 : 1);
    c->pair += pairs;
}

/* Some channels of a pair that has more of them than a chunk has rows. */
static void add_channels(ps_blocks_cursor *c, ps_gpu_chunk *chunk, uint32_t room)
{
    const ps_blocks *b = &c->blocks[c->at];

    for (; room > 0 && c->channel < b->job->channels; room--)
        add_segment(chunk, b, c->channel++, c->pair, 1, chunk->row_count, 1);
    if (c->channel == b->job->channels) {
        c->channel = 0;
        c->pair++;
    }
}

ps_blocks_cursor ps_blocks_begin(const ps_blocks *blocks, uint32_t count)
{
    return (ps_blocks_cursor){blocks, count, 0, count > 0 ? blocks->first : 0, 0};
}

bool ps_blocks_fill(ps_blocks_cursor *cursor, ps_gpu_chunk *chunk)
{
    while (cursor->at < cursor->count) {
        const ps_blocks *b = &cursor->blocks[cursor->at];
        const uint32_t room = chunk->row_room - chunk->row_count;

        if (cursor->pair == b->pairs) {
            cursor->at++;
            cursor->pair = cursor->at < cursor->count ? b[1].first : 0;
        } else if (b->job->channels > chunk->row_room) {
            if (room == 0)
                break;
            add_channels(cursor, chunk, room);
        } else if (room >= b->job->channels) {
            add_whole_pairs(cursor, chunk, room);
        } else {
            break;
        }
    }
    return chunk->row_count > 0;
}
