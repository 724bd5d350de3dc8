/*
 * Noise in chunks of eight hops, which the notches filter side by side. A hop of output is made of
 * two blocks, the second half of the one before it and the first half of its own; the second pass
 * reads the hops of the first, one further ahead.
 *
 *   source   |h |h+1|...|h+8|h+9|            a hop that was read before stays
 *   between     |h+1|...    |h+8| ◄ |h|      of the first pass, if there are two
 *   chunk    |h |...    |h+7|
 *
 * Blocks do not depend on each other and noise can be read anywhere, so a chunk may begin at any
 * hop.
 */
#include "voice/noise.h"

#include <math.h>
#include <string.h>

#include "base/untouched.h"
#include "kernel/math.h"
#include "voice/noise_rows.h"
#include "voice/sweeps.h"

#define HOP        PS_NOTCH_HOP
#define PITCH      PS_NOTCH_PITCH
#define CHUNK_HOPS 8u
#define LEVEL      0.18836490894898003 /* -14.5 dBFS, rms */
#define LEAST      1e-8                /* what is not above it is nothing */
#define POINTS     192u                /* of the spectrum, for what the notches take */
#define MOMENTS    64u                 /* of the sweeps, likewise */

/* Some hops of a stereo signal, or of a mono one (both pointers equal); PITCH from one to the next.
 */
typedef struct hops {
    float *samples[2];
    uint64_t first;
    uint32_t count;
} hops;

/* One time through the notches. */
typedef struct pass {
    uint64_t next;  /* the block it goes on with */
    float *tail[2]; /* second halves of the blocks before */
} pass;

struct ps_noise {
    const ps_noise_row *row;
    const ps_allocator *allocator;
    ps_noise_settings settings;
    ps_curve line; /* the curve of the layer */
    ps_sweeps sweeps;
    uint64_t frames, frame; /* in all; the next one */
    ps_colour *colour;      /* streams, or */
    float *clip;            /* the whole signal */
    float gain[2];
    uint32_t passes; /* 1, 2 */
    pass pass[2];
    hops source, between, chunk;
    float *window, *inverse; /* of a block; 1 / the sum of both halves of it, of a hop */
    float *memory;           /* all of the above */
};

static float *hop_of(const hops *h, uint32_t ear, uint32_t i)
{
    return h->samples[ear] + (size_t)i * PITCH;
}

/* ---- The signal before the notches ---- */

static void read_signal(ps_noise *noise, float *out, uint64_t first, uint32_t frames)
{
    const uint64_t left = first < noise->frames ? noise->frames - first : 0;
    const uint32_t count = left < frames ? (uint32_t)left : frames;

    if (noise->clip)
        memcpy(out, noise->clip + (count > 0 ? first : 0), count * sizeof *out);
    else if (count > 0)
        ps_colour_read(noise->colour, out, first, count);
    memset(out + count, 0, (frames - count) * sizeof *out);
}

/* Keeps what there is of `first` and after, and says how many hops of it. */
static uint32_t keep_from(hops *h, uint64_t first)
{
    const bool kept = first >= h->first && first < h->first + h->count;
    const uint32_t gone = kept ? (uint32_t)(first - h->first) : h->count;

    h->count -= gone;
    h->first = first;
    for (uint32_t ear = 0; ear < 2 && h->count > 0 && gone > 0; ear++) {
        if (ear == 0 || h->samples[1] != h->samples[0])
            memmove(h->samples[ear], hop_of(h, ear, gone),
                    (size_t)h->count * PITCH * sizeof(float));
    }
    return h->count;
}

static void run_pass(ps_noise *noise, uint32_t which, uint64_t first, uint32_t count,
                     const hops *out, uint32_t at);

/* What a pass reads from hop `first` on: at most CHUNK_HOPS + 1 hops. */
static const hops *input_of(ps_noise *noise, uint32_t which, uint64_t first, uint32_t count)
{
    hops *h = which == 0 ? &noise->source : &noise->between;
    uint32_t have = keep_from(h, first);

    while (have < count) {
        const uint32_t missing = count - have;
        const uint32_t part = missing < CHUNK_HOPS ? missing : CHUNK_HOPS;

        for (uint32_t i = have; i < have + part && which == 0; i++)
            read_signal(noise, hop_of(h, 0, i), (first + i) * HOP, HOP);
        if (which == 1)
            run_pass(noise, 0, first + have, part, h, have);
        have = h->count = have + part;
    }
    return h;
}

/* ---- Notches ---- */

/* Filters the `count` blocks of a signal into hops; those that are not there go nowhere. */
static void filter_blocks(ps_noise *noise, uint32_t which, const hops *in, uint64_t first,
                          uint32_t count, ps_notch_hop into[2][CHUNK_HOPS + 1])
{
    ps_notch notches[2 * CHUNK_HOPS][PS_NOTCH_SWEEPS];
    ps_notch_block blocks[2 * CHUNK_HOPS];
    ps_notch_job job = {
        .blocks = blocks,
        .sweeps = noise->settings.sweep_count,
        .rate_hz = noise->sweeps.rate_hz,
        .window = noise->window,
        .scale = noise->inverse,
    };

    for (uint32_t i = 0; i < count && ps_sweeps_has_block(&noise->sweeps, first + i); i++) {
        for (uint32_t ear = 0; ear < 2; ear++) {
            ps_sweeps_at(&noise->sweeps, first + i, ear, which, notches[job.count]);
            blocks[job.count] = (ps_notch_block){.in = {hop_of(in, ear, i), hop_of(in, ear, i + 1)},
                                                 .out = {&into[ear][i], &into[ear][i + 1]},
                                                 .notches = notches[job.count]};
            job.count++;
        }
    }
    noise->row->notches(&job);
}

/* Where only one of two blocks is there, its own half of the window is the weight. */
static void complete_alone(float *samples, const float *window)
{
    for (uint32_t i = 0; i < HOP; i++)
        samples[i] = (double)window[i] > LEAST ? samples[i] / window[i] : 0.0f;
}

static void complete(const ps_noise *noise, const ps_notch_hop *made, uint64_t hop)
{
    const bool has_head = ps_sweeps_has_block(&noise->sweeps, hop);

    if (made->halves == 0)
        memset(made->samples, 0, HOP * sizeof *made->samples);
    else if (made->halves == 1)
        complete_alone(made->samples, noise->window + (has_head ? 0 : HOP));
}

/* Hops first .. first + count - 1 (at most CHUNK_HOPS) of a pass that is ready for them, as those
   of `out` from `at` on. out NULL: only what it must remember. */
static void make_hops(ps_noise *noise, uint32_t which, uint64_t first, uint32_t count,
                      const hops *out, uint32_t at)
{
    const hops *in = input_of(noise, which, first, count + 1);
    const bool follows = first > 0 && ps_sweeps_has_block(&noise->sweeps, first - 1);
    pass *p = &noise->pass[which];
    ps_notch_hop made[2][CHUNK_HOPS + 1];

    for (uint32_t ear = 0; ear < 2; ear++) {
        for (uint32_t i = 0; i <= count; i++)
            made[ear][i].samples = i < count && out ? hop_of(out, ear, at + i) : p->tail[ear];
        for (uint32_t i = 0; i <= count; i++)
            made[ear][i].halves = 0;
        if (!out || !follows)
            continue;
        memcpy(hop_of(out, ear, at), p->tail[ear], HOP * sizeof(float));
        made[ear][0].halves = 1;
    }
    filter_blocks(noise, which, in, first, count, made);
    for (uint32_t ear = 0; ear < 2; ear++) {
        for (uint32_t i = 0; i < count && out; i++)
            complete(noise, &made[ear][i], first + i);
    }
    p->next = first + count;
}

static void run_pass(ps_noise *noise, uint32_t which, uint64_t first, uint32_t count,
                     const hops *out, uint32_t at)
{
    if (noise->pass[which].next != first && first > 0)
        make_hops(noise, which, first - 1, 1, NULL, 0);
    make_hops(noise, which, first, count, out, at);
}

/* Without sweeps blocks add up to what they were cut from, but for frame 0, where the window is 0.
 */
static void pass_through(ps_noise *noise, uint64_t hop)
{
    for (uint32_t i = 0; i < CHUNK_HOPS; i++) {
        float *out = hop_of(&noise->chunk, 0, i);

        read_signal(noise, out, (hop + i) * HOP, HOP);
        if (hop + i == 0)
            out[0] = 0.0f;
        if (!ps_sweeps_has_block(&noise->sweeps, 0))
            memset(out, 0, HOP * sizeof *out);
        memcpy(hop_of(&noise->chunk, 1, i), out, HOP * sizeof *out);
    }
}

static void make_chunk(ps_noise *noise, uint64_t hop)
{
    if (noise->settings.sweep_count == 0)
        pass_through(noise, hop);
    else
        run_pass(noise, noise->passes - 1, hop, CHUNK_HOPS, &noise->chunk, 0);
    noise->chunk.first = hop;
    noise->chunk.count = CHUNK_HOPS;
}

/* The frames there are in one piece from a frame on, as they come from the notches. */
static uint32_t piece_at(ps_noise *noise, uint64_t frame, uint32_t most, const float *from[2])
{
    const uint64_t hop = frame / HOP;

    if (hop < noise->chunk.first || hop >= noise->chunk.first + noise->chunk.count)
        make_chunk(noise, hop);
    const uint32_t at = (uint32_t)(frame - hop * HOP), left = HOP - at;
    for (uint32_t ear = 0; ear < 2; ear++)
        from[ear] = hop_of(&noise->chunk, ear, (uint32_t)(hop - noise->chunk.first)) + at;
    return most < left ? most : left;
}

/* ---- Levels ---- */

/* Response of an ear's notches in a block; false when there is none. */
static bool respond(ps_noise *noise, uint32_t ear, uint64_t block, const double *tangents,
                    double *re, double *im)
{
    ps_notch notches[PS_NOTCH_SWEEPS];

    if (!ps_sweeps_has_block(&noise->sweeps, block))
        return false;
    for (uint32_t i = 0; i < POINTS; i++) {
        re[i] = 1.0;
        im[i] = 0.0;
    }
    for (uint32_t p = 0; p < noise->passes; p++) {
        ps_sweeps_at(&noise->sweeps, block, ear, p, notches);
        for (uint32_t n = 0; n < noise->settings.sweep_count; n++)
            noise->row->respond(&notches[n], noise->sweeps.rate_hz, tangents, re, im, POINTS);
    }
    return true;
}

/* What the notches leave of the power, on average over the course of the sweeps. A hop is a fade
   from one block to the next: with weights a and 1 - a whose mean squares are 3/8, mean product
   1/8. */
static double power_left(ps_noise *noise, uint32_t ear, const double *tangents, const double *share)
{
    const uint64_t blocks = (noise->frames + HOP - 1) / HOP;
    double re[2][POINTS], im[2][POINTS], sum = 0.0;
    uint32_t count = 0;

    for (uint32_t k = 0; k < MOMENTS; k++) {
        /* Steps of the golden ratio fall into no step with the sweeps. */
        const double place = (k + 0.5) * 0.61803398874989485;
        const uint64_t block = (uint64_t)((place - floor(place)) * (double)blocks);

        if (!respond(noise, ear, block, tangents, re[0], im[0]) ||
            !respond(noise, ear, block + 1, tangents, re[1], im[1]))
            continue;
        for (uint32_t i = 0; i < POINTS; i++) {
            const double own = re[0][i] * re[0][i] + im[0][i] * im[0][i];
            const double next = re[1][i] * re[1][i] + im[1][i] * im[1][i];
            const double both = re[0][i] * re[1][i] + im[0][i] * im[1][i];

            sum += share[i] * (0.375 * (own + next) + 0.25 * both);
        }
        count++;
    }
    return count > 0 ? sum / count : 1.0;
}

static void level_stream(ps_noise *noise)
{
    double hz[POINTS], share[POINTS], tangents[POINTS];

    ps_colour_powers(noise->colour, hz, share, POINTS);
    for (uint32_t i = 0; i < POINTS; i++) {
        const double cycles = 0.5 * hz[i] / noise->sweeps.rate_hz;

        tangents[i] = ps_sin_cycles(cycles) / ps_cos_cycles(cycles);
    }
    for (uint32_t ear = 0; ear < 2; ear++) {
        const double left = power_left(noise, ear, tangents, share);

        /* Notches that leave next to nothing are not made up for. */
        noise->gain[ear] = (float)(1.0 / sqrt(left > 1e-3 ? left : 1e-3));
    }
}

/* Each ear to the level before the notches, then both to a peak of 0.95. */
static void level_clip(ps_noise *noise, double rms)
{
    double sum[2] = {0.0, 0.0}, peak[2] = {0.0, 0.0}, gain[2], loudest;

    for (uint64_t frame = 0; frame < noise->frames;) {
        const uint64_t left = noise->frames - frame;
        const float *from[2];
        const uint32_t count = piece_at(
            noise, frame, left < CHUNK_HOPS * HOP ? (uint32_t)left : CHUNK_HOPS * HOP, from);

        for (uint32_t ear = 0; ear < 2; ear++) {
            for (uint32_t i = 0; i < count; i++) {
                const double x = (double)from[ear][i], size = fabs(x);

                sum[ear] += x * x;
                peak[ear] = size > peak[ear] ? size : peak[ear];
            }
        }
        frame += count;
    }
    for (uint32_t ear = 0; ear < 2; ear++) {
        const double got = sqrt(sum[ear] / (double)noise->frames);

        gain[ear] = got > LEAST ? (rms > LEAST ? rms : LEAST) / got : 1.0;
    }
    loudest = fmax(gain[0] * peak[0], gain[1] * peak[1]);
    for (uint32_t ear = 0; ear < 2; ear++)
        noise->gain[ear] =
            (float)(loudest > 0.0 && loudest <= 0.95 ? gain[ear] * 0.95 / loudest : gain[ear]);
}

/* ---- Making one ---- */

static ps_status start_clip(ps_noise *noise, const ps_noise_plan *plan,
                            const ps_colour_plan *colour, double *rms, ps_error *err)
{
    const ps_recording *input = plan->input;
    ps_status status = PS_OK;

    if (noise->frames > SIZE_MAX / sizeof(float))
        return ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    noise->clip = ps_alloc_untouched(plan->allocator, (size_t)noise->frames, sizeof(float));
    if (!noise->clip)
        return ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    if (input)
        for (uint64_t i = 0; i < noise->frames; i++) {
            const float x = input->samples[i * input->channels];

            noise->clip[i] = fabsf(x) <= 0x1p40f ? x : 0.0f; /* not a number neither */
        }
    else
        status = ps_colour_whole(noise->clip, noise->frames, colour, noise->row->colour, err);
    if (status == PS_OK)
        status = ps_colour_condition(noise->clip, noise->frames, colour, rms, err);
    return status;
}

/* The sweeps know the plan's length; a recording of another one is gone through in the same time.
 */
static void start_sweeps(ps_noise *noise, const ps_noise_plan *plan)
{
    const double frame_sec = plan->duration_sec / (double)plan->frames;
    const ps_noise_settings *s = &noise->settings;
    ps_sweeps *sweeps = &noise->sweeps;

    noise->line = (ps_curve){.kind = PS_CURVE_LINEAR, .low = 0.0, .high = 1.0};
    sweeps->settings = s;
    sweeps->rate_hz = plan->rate_hz;
    sweeps->frames = noise->frames;
    if (plan->ramp)
        sweeps->ramp = *plan->ramp;
    else
        ps_ramp_init(&sweeps->ramp, &noise->line, s->offset_sec, true, s->span_sec,
                     plan->duration_sec, frame_sec);
    if (noise->frames != plan->frames)
        sweeps->ramp.frame_sec =
            noise->frames > 1
                ? sweeps->ramp.frame_sec * (double)(plan->frames - 1) / (double)(noise->frames - 1)
                : 0.0;
    sweeps->summed = sweeps->ramp.curve->kind == PS_CURVE_EXPRESSION;
}

static float *part(float **rest, size_t numbers)
{
    float *at = *rest;

    *rest += numbers;
    return at;
}

static ps_status take_memory(ps_noise *noise)
{
    const size_t source = (CHUNK_HOPS + 1) * PITCH, chunk = CHUNK_HOPS * PITCH;
    const size_t between = noise->passes == 2 ? source : 0;
    const size_t numbers = source + 2 * between + 2 * chunk + 4 * HOP + PS_NOTCH_BLOCK + HOP;
    float *rest = ps_alloc(noise->allocator, numbers, sizeof *rest);

    if (!rest)
        return PS_NO_MEMORY;
    noise->memory = rest;
    noise->source.samples[0] = noise->source.samples[1] = part(&rest, source);
    for (uint32_t ear = 0; ear < 2; ear++) {
        noise->between.samples[ear] = part(&rest, between);
        noise->chunk.samples[ear] = part(&rest, chunk);
        noise->pass[0].tail[ear] = part(&rest, HOP);
        noise->pass[1].tail[ear] = part(&rest, HOP);
    }
    noise->window = part(&rest, PS_NOTCH_BLOCK);
    noise->inverse = part(&rest, HOP);
    ps_notch_window(noise->window);
    for (uint32_t i = 0; i < HOP; i++)
        noise->inverse[i] =
            (float)(1.0 / ((double)noise->window[i] + (double)noise->window[i + HOP]));
    return PS_OK;
}

static ps_status start(ps_noise *noise, const ps_noise_plan *plan, ps_error *err)
{
    const ps_colour_plan colour = {
        .kind = noise->settings.colour,
        .rate_hz = plan->rate_hz,
        .rms = LEVEL,
        .seed = plan->seed,
        .stream = plan->stream,
        .notches = noise->settings.notches,
        .notch_count = noise->settings.notch_count,
        .allocator = plan->allocator,
    };
    double rms = 0.0;
    ps_status status;

    if (take_memory(noise) != PS_OK)
        return ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    start_sweeps(noise, plan);
    if (!plan->reference && !plan->input) {
        status = ps_colour_create(&noise->colour, &colour, noise->row->colour, err);
        if (status == PS_OK)
            level_stream(noise);
    } else {
        status = start_clip(noise, plan, &colour, &rms, err);
        if (status == PS_OK)
            level_clip(noise, rms);
    }
    return status;
}

ps_status ps_noise_create(ps_noise **out, const ps_noise_plan *plan, const ps_noise_row *row,
                          ps_error *err)
{
    ps_noise *noise = ps_alloc(plan->allocator, 1, sizeof *noise);

    if (!noise)
        return ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    noise->row = row;
    noise->allocator = plan->allocator;
    noise->settings = *plan->settings;
    noise->settings.input_path = NULL;
    noise->frames = plan->input ? plan->input->frames : plan->frames;
    noise->passes = plan->settings->transition || plan->settings->intra_deg.start != 0.0 ? 2 : 1;
    const ps_status status = noise->frames == 0
                                 ? ps_fail(err, PS_UNSUPPORTED, "noise needs more than 9 frames")
                                 : start(noise, plan, err);
    if (status != PS_OK) {
        ps_noise_destroy(noise);
        return status;
    }
    *out = noise;
    return PS_OK;
}

void ps_noise_destroy(ps_noise *noise)
{
    if (!noise)
        return;
    ps_colour_destroy(noise->colour);
    ps_free(noise->allocator, noise->clip);
    ps_free(noise->allocator, noise->memory);
    ps_free(noise->allocator, noise);
}

uint64_t ps_noise_frames(const ps_noise *noise)
{
    return noise->frames;
}

/* The next frames there are in one piece, at most `most`, and moves on; 0 at the end. */
static uint32_t next_piece(ps_noise *noise, uint32_t most, const float *from[2])
{
    const uint64_t rest = noise->frame < noise->frames ? noise->frames - noise->frame : 0;
    const uint32_t there = rest < most ? (uint32_t)rest : most;
    const uint32_t count = there > 0 ? piece_at(noise, noise->frame, there, from) : 0;

    noise->frame += count;
    return count;
}

void ps_noise_render(ps_noise *noise, float *left, float *right, uint32_t frames)
{
    const float *from[2];
    uint32_t done = 0;

    for (uint32_t count; (count = next_piece(noise, frames - done, from)) > 0; done += count) {
        noise->row->finish(left + done, from[0], noise->gain[0], count);
        noise->row->finish(right + done, from[1], noise->gain[1], count);
    }
    memset(left + done, 0, (frames - done) * sizeof *left);
    memset(right + done, 0, (frames - done) * sizeof *right);
    noise->frame += frames - done;
}

void ps_noise_add(ps_noise *noise, float *left, float *right, const float scale[2], uint32_t frames)
{
    const float *from[2];
    uint32_t done = 0;

    for (uint32_t count; (count = next_piece(noise, frames - done, from)) > 0; done += count) {
        noise->row->add(left + done, from[0], noise->gain[0], scale[0], count);
        noise->row->add(right + done, from[1], noise->gain[1], scale[1], count);
    }
    noise->frame += frames - done;
}

void ps_noise_skip(ps_noise *noise, uint64_t frame)
{
    noise->frame = frame;
}

const ps_noise_row *ps_noise_row_find(const char *kernel_row)
{
#if PS_HAVE_AVX2
    if (strcmp(kernel_row, "avx2") == 0)
        return &ps_noise_row_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(kernel_row, "avx512") == 0)
        return &ps_noise_row_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(kernel_row, "neon") == 0)
        return &ps_noise_row_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(kernel_row, "simd128") == 0)
        return &ps_noise_row_simd128;
#endif
    (void)kernel_row;
    return &ps_noise_row_c;
}
