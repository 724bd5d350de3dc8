/* Partitioned convolution; the picture stands in the header. */
#include "dsp/convolve.h"

#include <math.h>
#include <string.h>

#include "dsp/convolve_head.h"
#include "dsp/fft.h"

#define CELL        PS_CONVOLVE_CELL
#define STAGES_MOST 3u
#define SIDES       2u
#define PRODUCTS    32u /* of one call */

/*
 * One size of block. The response's taps from `first` on lie in partitions of `block` taps; a block
 * that is alone in its stage may have more taps than frames.
 *
 * At a frame T that is a multiple of `block`, the input up to T is known. The sum of all partitions
 * with the blocks before T is the output from T - block + first on: due at T when first is `block`
 * (or 0, and all is late by a block), and at T + block when first is twice that. Such a stage is
 * spread: it has `block` / CELL stretches for its work.
 */
typedef struct stage_plan {
    uint32_t block;
    uint32_t size; /* of a transform */
    uint32_t first;
    uint32_t parts;
    bool spread;
    ps_fft_float *fft;
    size_t stride;  /* floats from one real or imaginary part to the next */
    float *spectra; /* parts x responses x (real, imaginary), with the transform's scale in them */
    bool *silent;   /* parts x responses */
} stage_plan;

struct ps_convolve_plan {
    const ps_allocator *allocator;
    ps_head_run *head_add;
    uint32_t responses; /* 1, 2 or 4 */
    uint32_t inputs;    /* transforms of a block: 1, both sides as one complex signal, or 2 */
    uint32_t latency;
    float *head; /* responses x PS_HEAD_TAPS, or NULL */
    uint32_t stage_count;
    stage_plan stages[STAGES_MOST];
    size_t scratch; /* floats: the most that a transform needs */
    size_t bytes;
};

ps_head_run *ps_head_find(const char *row)
{
#if PS_HAVE_AVX2
    if (row && strcmp(row, "avx2") == 0)
        return ps_head_add_avx2;
#endif
#if PS_HAVE_AVX512
    if (row && strcmp(row, "avx512") == 0)
        return ps_head_add_avx512;
#endif
#if PS_HAVE_NEON
    if (row && strcmp(row, "neon") == 0)
        return ps_head_add_neon;
#endif
#if PS_HAVE_SIMD128
    if (row && strcmp(row, "simd128") == 0)
        return ps_head_add_simd128;
#endif
    (void)row;
    return ps_head_add_c;
}

/* ---- Choosing blocks ------------------------------------------------------------------------ */

static uint32_t round_up(uint32_t frames, uint32_t to)
{
    return (frames + to - 1) / to * to;
}

/* About what a frame costs: transforms there and back, and the products. */
static double cost(uint32_t size, uint32_t block, uint32_t parts)
{
    const double far = size > 32768 ? 1.05 : 1.0; /* beyond the second cache */

    return far * size * (2.5 * log2(size) + 2.0 + 3.0 * parts) / block;
}

/* One block whose transform has room for all taps, or a number of them as long as their taps. */
static void choose_late(stage_plan *stage, uint32_t frames)
{
    double least = HUGE_VAL;

    for (uint32_t size = 4096; size <= 2 * PS_CONVOLVE_BLOCK_MOST; size *= 2) {
        const uint32_t block = size / 2, parts = round_up(frames, block) / block;
        const uint32_t rest = size >= frames + CELL ? (size - frames + 1) / CELL * CELL : 0;
        const bool alone = rest >= block;
        const double value = alone ? cost(size, rest, 1) : cost(size, block, parts);

        if (value < least) {
            least = value;
            stage->size = size;
            stage->block = alone ? rest : block;
            stage->parts = alone ? 1 : parts;
        }
    }
}

static void lay_out_late(ps_convolve_plan *plan, uint32_t frames, uint32_t block)
{
    stage_plan *stage = &plan->stages[0];

    plan->stage_count = 1;
    if (block == 0) {
        choose_late(stage, frames);
    } else {
        stage->block = block;
        stage->size = 2 * block;
        stage->parts = round_up(frames, block) / block;
    }
    plan->latency = stage->block;
}

static void lay_out_at_once(ps_convolve_plan *plan, uint32_t frames)
{
    static const stage_plan stages[STAGES_MOST] = {
        {.block = 256, .size = 512, .first = 256},
        {.block = 2048, .size = 4096, .first = 4096, .spread = true},
        {.block = 16384, .size = 32768, .first = 32768, .spread = true},
    };

    for (uint32_t i = 0; i < STAGES_MOST && frames > stages[i].first; i++) {
        const uint32_t end =
            i + 1 < STAGES_MOST && frames > stages[i + 1].first ? stages[i + 1].first : frames;
        stage_plan *stage = &plan->stages[plan->stage_count++];

        *stage = stages[i];
        stage->parts = round_up(end - stage->first, stage->block) / stage->block;
    }
}

/* ---- The spectra of a response --------------------------------------------------------------- */

static float *spectrum_of(const stage_plan *stage, float *spectra, uint32_t index)
{
    return spectra + 2 * stage->stride * index;
}

/* Taps of a partition of one response into its spectrum. */
static void transform_part(const ps_convolve_plan *plan, stage_plan *stage,
                           const ps_response *response, uint32_t part, uint32_t channel,
                           float *taps, float *scratch)
{
    const uint32_t index = part * plan->responses + channel;
    const uint32_t first = stage->first + part * stage->block;
    const uint32_t most = stage->parts == 1 ? stage->size - stage->block + 1 : stage->block;
    const uint32_t left = response->frames > first ? response->frames - first : 0;
    const uint32_t count = left < most ? left : most;
    float *re = spectrum_of(stage, stage->spectra, index), *im = re + stage->stride;

    stage->silent[index] = true;
    memset(taps, 0, 2 * (size_t)stage->size * sizeof *taps);
    for (uint32_t i = 0; i < count; i++) {
        taps[i] = response->samples[channel][first + i] / (float)stage->size;
        stage->silent[index] = stage->silent[index] && taps[i] == 0.0f;
    }
    if (plan->inputs == 1)
        ps_fft_planar_forward_float(stage->fft, taps, taps + stage->size, re, im, scratch);
    else
        ps_fft_real_forward_float(stage->fft, taps, re, im, scratch);
}

static ps_status make_stage(ps_convolve_plan *plan, stage_plan *stage, const ps_response *response,
                            const char *kernel_row, ps_error *err)
{
    const size_t spectra = (size_t)stage->parts * plan->responses;
    float *taps = NULL, *scratch = NULL;
    ps_status status =
        ps_fft_create_float(&stage->fft, plan->inputs == 1 ? PS_FFT_COMPLEX : PS_FFT_REAL,
                            stage->size, kernel_row, plan->allocator, err);

    if (status != PS_OK)
        return status;
    stage->stride = (ps_fft_bins_float(stage->fft) + 15) / 16 * 16;
    stage->spectra = ps_alloc(plan->allocator, spectra * 2 * stage->stride, sizeof(float));
    stage->silent = ps_alloc(plan->allocator, spectra, sizeof(bool));
    taps = ps_alloc(plan->allocator, 2 * (size_t)stage->size, sizeof *taps);
    const size_t room = ps_fft_scratch_float(stage->fft) + 1;
    scratch = ps_alloc(plan->allocator, room, sizeof *scratch);
    plan->scratch = room > plan->scratch ? room : plan->scratch;
    plan->bytes += spectra * 2 * stage->stride * sizeof(float);
    if (!stage->spectra || !stage->silent || !taps || !scratch)
        status = ps_fail(err, PS_NO_MEMORY, "no memory for a response");
    for (uint32_t part = 0; part < stage->parts && status == PS_OK; part++)
        for (uint32_t channel = 0; channel < plan->responses; channel++)
            transform_part(plan, stage, response, part, channel, taps, scratch);
    ps_free(plan->allocator, scratch);
    ps_free(plan->allocator, taps);
    return status;
}

static ps_status make_head(ps_convolve_plan *plan, const ps_response *response, ps_error *err)
{
    const uint32_t taps = response->frames < PS_HEAD_TAPS ? response->frames : PS_HEAD_TAPS;

    plan->head = ps_alloc(plan->allocator, (size_t)plan->responses * PS_HEAD_TAPS, sizeof(float));
    if (!plan->head)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a response");
    for (uint32_t channel = 0; channel < plan->responses; channel++)
        memcpy(plan->head + channel * PS_HEAD_TAPS, response->samples[channel],
               taps * sizeof(float));
    return PS_OK;
}

static ps_status fill(ps_convolve_plan *plan, const ps_response *response, bool at_once,
                      uint32_t block, const char *kernel_row, ps_error *err)
{
    ps_status status = PS_OK;

    if (at_once) {
        status = make_head(plan, response, err);
        lay_out_at_once(plan, response->frames);
    } else {
        lay_out_late(plan, response->frames, block);
    }
    for (uint32_t i = 0; i < plan->stage_count && status == PS_OK; i++)
        status = make_stage(plan, &plan->stages[i], response, kernel_row, err);
    return status;
}

static bool is_block(uint32_t block)
{
    return block == 0 ||
           (block >= CELL && block <= PS_CONVOLVE_BLOCK_MOST && (block & (block - 1)) == 0);
}

ps_status ps_convolve_plan_create(ps_convolve_plan **out, const ps_response *response, bool at_once,
                                  uint32_t block, const char *kernel_row,
                                  const ps_allocator *allocator, ps_error *err)
{
    const uint32_t channels = response->channels;
    ps_convolve_plan *plan;
    ps_status status;

    if (channels != 1 && channels != 2 && channels != 4)
        return ps_fail(err, PS_BAD_ARGUMENT, "a response of %u channels: 1, 2 or 4 are understood",
                       (unsigned)channels);
    if (response->frames == 0 || !is_block(block))
        return ps_fail(err, PS_BAD_ARGUMENT, "a response without taps, or an impossible block");
    plan = ps_alloc(allocator, 1, sizeof *plan);
    if (!plan)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a response");
    plan->allocator = allocator;
    plan->responses = channels;
    plan->inputs = channels == 1 ? 1 : SIDES;
    plan->head_add = ps_head_find(kernel_row);
    status = fill(plan, response, at_once, block, kernel_row, err);
    if (status == PS_OK)
        *out = plan;
    else
        ps_convolve_plan_destroy(plan);
    return status;
}

void ps_convolve_plan_destroy(ps_convolve_plan *plan)
{
    if (!plan)
        return;
    for (uint32_t i = 0; i < plan->stage_count; i++) {
        ps_fft_destroy_float(plan->stages[i].fft);
        ps_free(plan->allocator, plan->stages[i].spectra);
        ps_free(plan->allocator, plan->stages[i].silent);
    }
    ps_free(plan->allocator, plan->head);
    ps_free(plan->allocator, plan);
}

uint32_t ps_convolve_latency(const ps_convolve_plan *plan)
{
    return plan->latency;
}

size_t ps_convolve_plan_bytes(const ps_convolve_plan *plan)
{
    return sizeof *plan + plan->bytes;
}

/* ---- Running -------------------------------------------------------------------------------- */

/* What a stage remembers. */
typedef struct stage_state {
    const stage_plan *plan;
    float *windows;  /* sides x size: the input, newest last */
    float *frozen;   /* spread, two inputs: the right window of the block that is worked on */
    float *history;  /* parts x inputs x (real, imaginary): spectra of the blocks before */
    float *sums;     /* inputs x (real, imaginary) */
    float *now;      /* sides x block: what is played */
    float *next;     /* spread: what is worked on; else the same as `now` */
    uint32_t newest; /* in history */
} stage_state;

struct ps_convolve {
    const ps_allocator *allocator;
    const ps_convolve_plan *plan;
    uint64_t frame;
    float *scratch;
    float *samples; /* of an inverse transform, both sides */
    float *head;    /* sides x two cells: the one before and this one */
    stage_state stages[STAGES_MOST];
};

static float *of_history(const ps_convolve_plan *plan, const stage_state *s, uint32_t block,
                         uint32_t input)
{
    return s->history + 2 * s->plan->stride * ((size_t)block * plan->inputs + input);
}

/* The window into the newest spectrum of the history. */
static void forward(ps_convolve *c, stage_state *s, uint32_t input, const float *window)
{
    float *re = of_history(c->plan, s, s->newest, input), *im = re + s->plan->stride;

    if (c->plan->inputs == 1)
        ps_fft_planar_forward_float(s->plan->fft, window, window + s->plan->size, re, im,
                                    c->scratch);
    else
        ps_fft_real_forward_float(s->plan->fft, window, re, im, c->scratch);
}

/* Which responses lead from the inputs to an output. */
static uint32_t response_of(const ps_convolve_plan *plan, uint32_t input, uint32_t output)
{
    return plan->responses == 4 ? 2 * input + output : output;
}

/* Adds partitions from..to, of all blocks they belong to, to the sum of an output. */
static void add_parts(ps_convolve *c, stage_state *s, uint32_t output, uint32_t from, uint32_t to)
{
    const ps_convolve_plan *plan = c->plan;
    const stage_plan *stage = s->plan;
    const uint32_t first = plan->responses == 4 ? 0 : output;
    const uint32_t last = plan->responses == 4 ? SIDES : output + 1;
    float *sum = s->sums + 2 * stage->stride * output;
    ps_fft_product products[PRODUCTS];
    size_t count = 0;

    for (uint32_t part = from; part < to; part++) {
        const uint32_t block = (s->newest + stage->parts - part) % stage->parts;

        for (uint32_t input = first; input < last; input++) {
            const uint32_t index = part * plan->responses + response_of(plan, input, output);
            const float *x = of_history(plan, s, block, input);
            const float *h = spectrum_of(stage, stage->spectra, index);

            if (stage->silent[index])
                continue;
            products[count++] = (ps_fft_product){x, x + stage->stride, h, h + stage->stride};
            if (count == PRODUCTS) {
                ps_fft_add_products(stage->fft, sum, sum + stage->stride, products, count);
                count = 0;
            }
        }
    }
    if (count > 0)
        ps_fft_add_products(stage->fft, sum, sum + stage->stride, products, count);
}

/* The sum of an output (both sides when they are one signal) as samples. */
static void inverse(ps_convolve *c, stage_state *s, uint32_t output)
{
    const stage_plan *stage = s->plan;
    const size_t skip = stage->size - stage->block, bytes = stage->block * sizeof(float);
    float *sum = s->sums + 2 * stage->stride * output;
    float *left = c->samples, *right = c->samples + stage->size;

    if (c->plan->inputs == 1) {
        ps_fft_planar_inverse_float(stage->fft, sum, sum + stage->stride, left, right, c->scratch);
        memcpy(s->next, left + skip, bytes);
        memcpy(s->next + stage->block, right + skip, bytes);
    } else {
        ps_fft_real_inverse_float(stage->fft, sum, sum + stage->stride, left, c->scratch);
        memcpy(s->next + output * (size_t)stage->block, left + skip, bytes);
    }
}

static void clear_sums(const ps_convolve *c, stage_state *s)
{
    memset(s->sums, 0, c->plan->inputs * 2 * s->plan->stride * sizeof(float));
}

/* A block is complete: the window moves on. */
static void move_window(stage_state *s)
{
    const size_t kept = s->plan->size - s->plan->block;

    for (uint32_t side = 0; side < SIDES; side++) {
        float *window = s->windows + side * (size_t)s->plan->size;

        memmove(window, window + s->plan->block, kept * sizeof(float));
    }
}

/* All the work of a block in one go. */
static void work(ps_convolve *c, stage_state *s)
{
    const uint32_t inputs = c->plan->inputs;

    s->newest = (s->newest + 1) % s->plan->parts;
    for (uint32_t input = 0; input < inputs; input++)
        forward(c, s, input, s->windows + input * (size_t)s->plan->size);
    move_window(s);
    clear_sums(c, s);
    for (uint32_t output = 0; output < inputs; output++) {
        add_parts(c, s, output, 0, s->plan->parts);
        inverse(c, s, output);
    }
}

/* A new block to be worked on; what was worked on is played. */
static void begin_spread(ps_convolve *c, stage_state *s)
{
    float *played = s->now;

    s->now = s->next;
    s->next = played;
    s->newest = (s->newest + 1) % s->plan->parts;
    forward(c, s, 0, s->windows);
    if (c->plan->inputs == SIDES)
        memcpy(s->frozen, s->windows + s->plan->size, s->plan->size * sizeof(float));
    move_window(s);
    clear_sums(c, s);
}

/*
 * The work of one of the stretches of a spread block: first the transforms of the inputs, last
 * those of the outputs, the products evenly between.
 */
static void work_spread(ps_convolve *c, stage_state *s, uint32_t stretch)
{
    const uint32_t inputs = c->plan->inputs, parts = s->plan->parts;
    const uint32_t stretches = s->plan->block / CELL, between = stretches - 2 * inputs;

    if (stretch == 0) {
        begin_spread(c, s);
    } else if (stretch < inputs) {
        forward(c, s, stretch, s->frozen);
    } else if (stretch < inputs + between) {
        const uint32_t at = stretch - inputs;
        const uint32_t from = at * parts / between, to = (at + 1) * parts / between;

        for (uint32_t output = 0; output < inputs && to > from; output++)
            add_parts(c, s, output, from, to);
    } else {
        inverse(c, s, stretch - inputs - between);
    }
}

/* After a cell. */
static void do_work(ps_convolve *c)
{
    for (uint32_t i = 0; i < c->plan->stage_count; i++) {
        stage_state *s = &c->stages[i];
        const uint32_t inside = (uint32_t)(c->frame % s->plan->block);

        if (s->plan->spread)
            work_spread(c, s, inside / CELL);
        else if (inside == 0)
            work(c, s);
    }
}

/* Adds the first taps to what comes out. */
static void add_head(const ps_convolve *c, float *const out[SIDES], uint32_t inside,
                     uint32_t frames)
{
    const ps_convolve_plan *plan = c->plan;

    for (uint32_t side = 0; side < SIDES; side++) {
        for (uint32_t done = 0; done < frames; done += PS_HEAD_RUN) {
            const uint32_t left = frames - done, count = left < PS_HEAD_RUN ? left : PS_HEAD_RUN;
            float run[PS_HEAD_RUN] = {0.0f};

            for (uint32_t from = 0; from < SIDES; from++) {
                const float *x = c->head + from * 3 * CELL + CELL + inside + done;
                const uint32_t response = plan->responses == 1 ? 0 : response_of(plan, from, side);

                if (plan->responses == 4 || from == side)
                    plan->head_add(run, plan->head + response * PS_HEAD_TAPS, x);
            }
            for (uint32_t i = 0; i < count; i++)
                out[side][done + i] += run[i];
        }
    }
}

static void take_head(ps_convolve *c, const float *const in[SIDES], uint32_t inside,
                      uint32_t frames)
{
    for (uint32_t side = 0; side < SIDES; side++) {
        float *cells = c->head + side * 3 * CELL;

        if (inside == 0)
            memcpy(cells, cells + CELL, CELL * sizeof(float));
        memcpy(cells + CELL + inside, in[side], frames * sizeof(float));
    }
}

static void take(stage_state *s, const float *const in[SIDES], uint32_t inside, uint32_t frames)
{
    const size_t at = s->plan->size - s->plan->block + inside;

    memcpy(s->windows + at, in[0], frames * sizeof(float));
    memcpy(s->windows + s->plan->size + at, in[1], frames * sizeof(float));
}

/* The first stage sets what comes out, further ones add to it. */
static void give(const stage_state *s, float *const out[SIDES], uint32_t inside, uint32_t frames,
                 bool first)
{
    for (uint32_t side = 0; side < SIDES; side++) {
        const float *played = s->now + side * (size_t)s->plan->block + inside;

        if (first)
            memcpy(out[side], played, frames * sizeof(float));
        else
            for (uint32_t i = 0; i < frames; i++)
                out[side][i] += played[i];
    }
}

void ps_convolve_process(ps_convolve *c, const float *left, const float *right, float *out_left,
                         float *out_right, uint32_t frames)
{
    const float *const in[SIDES] = {left, right};
    float *const out[SIDES] = {out_left, out_right};
    const uint32_t cell = (uint32_t)(c->frame % CELL);

    if (c->head)
        take_head(c, in, cell, frames);
    for (uint32_t i = 0; i < c->plan->stage_count; i++)
        take(&c->stages[i], in, (uint32_t)(c->frame % c->stages[i].plan->block), frames);
    for (uint32_t i = 0; i < c->plan->stage_count; i++)
        give(&c->stages[i], out, (uint32_t)(c->frame % c->stages[i].plan->block), frames, i == 0);
    for (uint32_t side = 0; c->plan->stage_count == 0 && side < SIDES; side++)
        memset(out[side], 0, frames * sizeof(float));
    if (c->head)
        add_head(c, out, cell, frames);
    c->frame += frames;
    if (c->frame % CELL == 0)
        do_work(c);
}

/* ---- Made and given back -------------------------------------------------------------------- */

static ps_status make_state(ps_convolve *c, stage_state *s, const stage_plan *stage)
{
    const ps_allocator *allocator = c->allocator;
    const uint32_t inputs = c->plan->inputs;
    const size_t spectrum = 2 * stage->stride;

    s->plan = stage;
    s->windows = ps_alloc(allocator, SIDES * (size_t)stage->size, sizeof(float));
    s->history = ps_alloc(allocator, spectrum * stage->parts * inputs, sizeof(float));
    s->sums = ps_alloc(allocator, spectrum * inputs, sizeof(float));
    s->now = ps_alloc(allocator, SIDES * (size_t)stage->block, sizeof(float));
    if (stage->spread) {
        s->next = ps_alloc(allocator, SIDES * (size_t)stage->block, sizeof(float));
        s->frozen = ps_alloc(allocator, stage->size, sizeof(float));
    } else {
        s->next = s->now;
    }
    return s->windows && s->history && s->sums && s->now && s->next && (s->frozen || !stage->spread)
               ? PS_OK
               : PS_NO_MEMORY;
}

static ps_status make_states(ps_convolve *c)
{
    const ps_convolve_plan *plan = c->plan;
    uint32_t largest = 1;
    ps_status status = PS_OK;

    for (uint32_t i = 0; i < plan->stage_count && status == PS_OK; i++) {
        status = make_state(c, &c->stages[i], &plan->stages[i]);
        if (plan->stages[i].size > largest)
            largest = plan->stages[i].size;
    }
    if (status != PS_OK)
        return status;
    if (plan->head)
        c->head = ps_alloc(c->allocator, SIDES * 3 * (size_t)CELL, sizeof(float));
    c->scratch = ps_alloc(c->allocator, plan->scratch + 1, sizeof(float));
    c->samples = ps_alloc(c->allocator, SIDES * (size_t)largest, sizeof(float));
    return c->scratch && c->samples && (c->head || !plan->head) ? PS_OK : PS_NO_MEMORY;
}

ps_status ps_convolve_create(ps_convolve **out, const ps_convolve_plan *plan,
                             const ps_allocator *allocator, ps_error *err)
{
    ps_convolve *c = ps_alloc(allocator, 1, sizeof *c);

    if (!c)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a convolver");
    c->allocator = allocator;
    c->plan = plan;
    if (make_states(c) != PS_OK) {
        ps_convolve_destroy(c);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a convolver");
    }
    *out = c;
    return PS_OK;
}

void ps_convolve_destroy(ps_convolve *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < STAGES_MOST; i++) {
        stage_state *s = &c->stages[i];

        ps_free(c->allocator, s->windows);
        ps_free(c->allocator, s->frozen);
        ps_free(c->allocator, s->history);
        ps_free(c->allocator, s->sums);
        if (s->next != s->now)
            ps_free(c->allocator, s->next);
        ps_free(c->allocator, s->now);
    }
    ps_free(c->allocator, c->head);
    ps_free(c->allocator, c->samples);
    ps_free(c->allocator, c->scratch);
    ps_free(c->allocator, c);
}

void ps_convolve_reset(ps_convolve *c)
{
    for (uint32_t i = 0; i < c->plan->stage_count; i++) {
        stage_state *s = &c->stages[i];
        const stage_plan *stage = s->plan;

        memset(s->windows, 0, SIDES * (size_t)stage->size * sizeof(float));
        memset(s->history, 0, 2 * stage->stride * stage->parts * c->plan->inputs * sizeof(float));
        memset(s->sums, 0, 2 * stage->stride * c->plan->inputs * sizeof(float));
        memset(s->now, 0, SIDES * (size_t)stage->block * sizeof(float));
        memset(s->next, 0, SIDES * (size_t)stage->block * sizeof(float));
        if (s->frozen)
            memset(s->frozen, 0, stage->size * sizeof(float));
        s->newest = 0;
    }
    if (c->head)
        memset(c->head, 0, SIDES * 3 * (size_t)CELL * sizeof(float));
    c->frame = 0;
}
