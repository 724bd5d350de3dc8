/* Convolution in long chunks by an accelerator, overlap-add; the picture stands in the header. */
#include "dsp/convolve_bulk.h"

#include <string.h>

#define CELL  PS_CONVOLVE_CELL
#define SIDES 2u

struct ps_convolve_bulk {
    const ps_allocator *allocator;
    const ps_allocator *sound_allocator; /* the accelerator's, if it has one */
    const ps_accelerator *accelerator;
    uint64_t piece_frames;
    uint32_t chunk; /* frames */
    uint32_t over;  /* frames of a result behind its chunk: the response's but one */
    uint32_t late;  /* frames that `convolve` is late */
    ps_convolve *convolve;
    ps_response response; /* in `taps` */
    float *taps;
    float *sound; /* in and out, in one piece */
    float *in[SIDES];
    float *out[SIDES];
    float *left_over[SIDES]; /* by the chunks before, to be added to the next result */
    uint32_t at;             /* frames of the chunk that are there */
};

/* ---- Made and given back -------------------------------------------------------------------- */

/* Chunks of the same length, when the piece's is known. */
static uint32_t choose_chunk(uint64_t piece_frames, uint32_t response_frames)
{
    uint64_t most = PS_CONVOLVE_BULK_FRAMES, chunks;

    while (most < 2 * (uint64_t)response_frames)
        most *= 2;
    if (piece_frames == 0)
        return (uint32_t)most;
    chunks = (piece_frames - 1) / most + 1;
    return (uint32_t)(((piece_frames - 1) / chunks + CELL) / CELL * CELL);
}

/* `frames` of a chunk and their result. */
static ps_convolution job_of(const ps_convolve_bulk *b, uint32_t frames)
{
    return (ps_convolution){
        .in = (const float *const *)b->in,
        .out = b->out,
        .response = b->response.samples,
        .in_frames = frames,
        .out_frames = (uint64_t)frames + b->over,
        .response_frames = b->response.frames,
        .piece_frames = b->piece_frames,
        .channels = SIDES,
        .responses = b->response.channels,
    };
}

static bool take_response(ps_convolve_bulk *b, const ps_response *response)
{
    const uint32_t frames = response->frames;

    b->taps = ps_alloc(b->allocator, (size_t)frames * response->channels, sizeof *b->taps);
    for (uint32_t c = 0; b->taps && c < response->channels; c++) {
        float *taps = b->taps + (size_t)c * frames;

        memcpy(taps, response->samples[c], frames * sizeof *taps);
        b->response.samples[c] = taps;
    }
    return b->taps != NULL;
}

static bool take_sound(ps_convolve_bulk *b)
{
    const size_t chunk = b->chunk, result = chunk + b->over;

    b->sound = ps_alloc(b->sound_allocator, SIDES * (chunk + result), sizeof *b->sound);
    if (!b->sound)
        return false;
    for (uint32_t side = 0; side < SIDES; side++) {
        b->in[side] = b->sound + side * chunk;
        b->out[side] = b->sound + SIDES * chunk + side * result;
        b->left_over[side] = ps_alloc(b->allocator, (size_t)b->over + 1, sizeof(float));
        if (!b->left_over[side])
            return false;
    }
    return true;
}

ps_status ps_convolve_bulk_create(ps_convolve_bulk **out, const ps_convolve_plan *plan,
                                  const ps_response *response, const ps_accelerator *accelerator,
                                  uint64_t piece_frames, const ps_allocator *allocator,
                                  ps_error *err)
{
    ps_convolve_bulk sizes = {.piece_frames = piece_frames,
                              .chunk = choose_chunk(piece_frames, response->frames),
                              .over = response->frames - 1,
                              .response = *response};
    const ps_convolution job = job_of(&sizes, sizes.chunk);
    ps_convolve_bulk *b;

    *out = NULL;
    if (!ps_accelerate_wants_convolution(accelerator, &job, 1))
        return PS_OK;
    b = ps_alloc(allocator, 1, sizeof *b);
    if (!b)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a convolver");
    *b = sizes;
    b->allocator = allocator;
    b->sound_allocator = accelerator->memory ? accelerator->memory : allocator;
    b->accelerator = accelerator;
    b->late = ps_convolve_latency(plan);
    if (!take_response(b, response) || !take_sound(b) ||
        ps_convolve_create(&b->convolve, plan, allocator, NULL) != PS_OK) {
        ps_convolve_bulk_destroy(b);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a convolver");
    }
    *out = b;
    return PS_OK;
}

void ps_convolve_bulk_destroy(ps_convolve_bulk *b)
{
    if (!b)
        return;
    ps_convolve_destroy(b->convolve);
    ps_free(b->allocator, b->taps);
    ps_free(b->sound_allocator, b->sound);
    for (uint32_t side = 0; side < SIDES; side++)
        ps_free(b->allocator, b->left_over[side]);
    ps_free(b->allocator, b);
}

uint32_t ps_convolve_bulk_latency(const ps_convolve_bulk *b)
{
    return b->chunk;
}

void ps_convolve_bulk_reset(ps_convolve_bulk *b)
{
    const size_t chunk = b->chunk, result = chunk + b->over;

    memset(b->sound, 0, SIDES * (chunk + result) * sizeof *b->sound);
    for (uint32_t side = 0; side < SIDES; side++)
        memset(b->left_over[side], 0, b->over * sizeof(float));
    b->at = 0;
}

/* ---- What the accelerator leaves ------------------------------------------------------------- */

/* A cell of the job's input, silence behind its end. */
static void take_cell(const ps_convolution *job, uint64_t at, float cell[SIDES][CELL])
{
    const uint64_t left = at < job->in_frames ? job->in_frames - at : 0;
    const uint32_t count = left < CELL ? (uint32_t)left : CELL;

    for (uint32_t side = 0; side < SIDES; side++) {
        if (count > 0)
            memcpy(cell[side], job->in[side] + at, count * sizeof(float));
        memset(cell[side] + count, 0, (CELL - count) * sizeof(float));
    }
}

/* What has come out for the frames from `at` on, as far as it is wanted. */
static void give_cell(const ps_convolution *job, int64_t at, float cell[SIDES][CELL])
{
    const int64_t done = (int64_t)job->done_frames, end = (int64_t)job->out_frames;
    const int64_t first = at > done ? at : done;
    const int64_t last = at + (int64_t)CELL < end ? at + (int64_t)CELL : end;

    for (uint32_t side = 0; side < SIDES && first < last; side++)
        memcpy(job->out[side] + first, cell[side] + (first - at),
               (size_t)(last - first) * sizeof(float));
}

/* The result from done_frames on depends on no input that is a response older. */
static void do_the_rest(ps_convolve_bulk *b, const ps_convolution *job)
{
    const uint64_t first = job->done_frames > b->over ? job->done_frames - b->over : 0;
    float cell[SIDES][CELL];

    if (job->done_frames >= job->out_frames)
        return;
    ps_convolve_reset(b->convolve);
    for (uint64_t at = first / CELL * CELL; at < job->out_frames + b->late; at += CELL) {
        take_cell(job, at, cell);
        ps_convolve_process(b->convolve, cell[0], cell[1], cell[0], cell[1], CELL);
        give_cell(job, (int64_t)at - (int64_t)b->late, cell);
    }
}

/* ---- Running -------------------------------------------------------------------------------- */

/* Frames up to the last one that is not silent. */
static uint32_t sounding_frames(const ps_convolve_bulk *b)
{
    uint32_t frames = b->chunk;

    while (frames > 0 && b->in[0][frames - 1] == 0.0f && b->in[1][frames - 1] == 0.0f)
        frames--;
    return frames;
}

/* Adds what was left over, and takes away what is over now. */
static void overlap(ps_convolve_bulk *b)
{
    for (uint32_t side = 0; side < SIDES; side++) {
        float *out = b->out[side], *left_over = b->left_over[side];

        for (uint32_t i = 0; i < b->over; i++)
            out[i] += left_over[i];
        memcpy(left_over, out + b->chunk, b->over * sizeof *out);
    }
}

/* A chunk is complete. */
static void convolve_chunk(ps_convolve_bulk *b)
{
    const uint32_t frames = sounding_frames(b);
    const uint64_t results = frames > 0 ? (uint64_t)frames + b->over : 0;
    ps_convolution job = job_of(b, frames);

    if (frames > 0) {
        const ps_job_outcome outcome = ps_accelerate_convolve(b->accelerator, &job, 1);

        if (outcome == PS_JOB_DECLINED)
            job.done_frames = 0;
        if (outcome != PS_JOB_DONE)
            do_the_rest(b, &job);
    }
    for (uint32_t side = 0; side < SIDES; side++)
        memset(b->out[side] + results, 0,
               (size_t)((uint64_t)b->chunk + b->over - results) * sizeof(float));
    overlap(b);
}

/* Changes places: what goes in comes out a chunk later. */
static void exchange(float *chunk, float *samples, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float before = chunk[i];

        chunk[i] = samples[i];
        samples[i] = before;
    }
}

void ps_convolve_bulk_process(ps_convolve_bulk *b, float *left, float *right, float *room_left,
                              float *room_right, uint32_t frames)
{
    exchange(b->in[0] + b->at, left, frames);
    exchange(b->in[1] + b->at, right, frames);
    memcpy(room_left, b->out[0] + b->at, frames * sizeof(float));
    memcpy(room_right, b->out[1] + b->at, frames * sizeof(float));
    b->at += frames;
    if (b->at < b->chunk)
        return;
    convolve_chunk(b);
    b->at = 0;
}
