/*
 *  frames: 0      head              a         a + CHUNK          tail     end
 *          |- window -|... chunks ...|- chunk -|... chunks ...|- window -|
 *                          |-- reach --|- chunk -|-- reach --|
 *
 * Chunks lie on a grid counted from the start of the signal, and each is computed from its
 * surroundings alone, so that how one got there is not audible.
 */
#include "dsp/zero_phase.h"

#include <string.h>

#include "dsp/band.h"
#include "dsp/butterworth.h"
#include "dsp/top_band.h"
#include "kernel/doubles.h"

#define RUN   PS_ZERO_PHASE_RUN
#define CHUNK 4096u
#define PAD   15u /* frames turned around at each end: three for every coefficient of one filter */

_Static_assert(PS_ZERO_PHASE_RUN == PS_BAND_RUN && PS_BAND_RUN == PS_TOP_BAND_RUN &&
                   CHUNK % RUN == 0,
               "chunks are whole runs");

struct ps_zero_phase {
    ps_zero_phase_plan plan;
    ps_butterworth filters[2];
    uint32_t filter_count;
    uint64_t next; /* frame of the next run */

    /* The signal: the last runs rendered, left and right of each. */
    float *ring;
    size_t ring_runs;
    uint64_t rendered; /* frames that have been, or were skipped */

    /* Both ends, or all of it. */
    uint32_t reach;
    uint64_t head, tail; /* frames before head and from tail on are windows */
    double *window;      /* left and right in turn, PAD frames of room in front and behind */
    bool has_window;
    uint64_t window_first;

    /* Between them. */
    ps_band *bands[2];
    uint32_t band_count;
    uint64_t band_next[2]; /* frame of the run each expects */
    bool bands_only;       /* the signal itself does not go through */
    uint64_t chunk_first;  /* UINT64_MAX: none yet */
    /* The last band, if it is a wide one below half the rate: of most signals it is empty. */
    ps_top_band *top;
    bool from_top; /* in this chunk it is: it comes from there */
};

/* ---- Whole signals ---- */

/*
 * One section for both ears: y = b0 x + w, where w sums up all that is past. A frame waits for the
 * one before it no longer than one multiplication and one addition take:
 *
 *      w[n + 1] = -a1 w[n] + (-a2 w[n - 1] + c1 x[n] + c2 x[n - 1]),  c = b - a b0
 */
typedef struct section {
    ps_pair b0, c1, c2, minus_a1, minus_a2;
    ps_pair w, last_w, last_x;
} section;

static inline ps_pair both(double x)
{
    return (ps_pair){x, x};
}

/* Steady state of a section for input that has always been x; returns its output. */
static inline ps_pair settle(section *s, const ps_section *numbers, ps_pair x, double gain)
{
    s->b0 = both(numbers->b0);
    s->c1 = both(numbers->b1 - numbers->a1 * numbers->b0);
    s->c2 = both(numbers->b2 - numbers->a2 * numbers->b0);
    s->minus_a1 = both(-numbers->a1);
    s->minus_a2 = both(-numbers->a2);
    s->w = s->last_w = x * (gain - numbers->b0);
    s->last_x = x;
    return x * gain;
}

static inline ps_pair pass_section(section *s, ps_pair x)
{
    const ps_pair y = ps_pair_madd(s->b0, x, s->w);
    const ps_pair fresh = ps_pair_madd(s->c1, x, s->c2 * s->last_x);
    const ps_pair next =
        ps_pair_madd(s->minus_a1, s->w, ps_pair_madd(s->minus_a2, s->last_w, fresh));

    s->last_w = s->w;
    s->w = next;
    s->last_x = x;
    return y;
}

/* Both ears through both sections, from `at` on in either direction (stride in numbers). */
static void pass(const ps_butterworth *filter, double *at, ptrdiff_t stride, size_t count)
{
    const ps_pair first = {at[0], at[1]};
    section one, two;

    settle(&two, &filter->sections[1],
           settle(&one, &filter->sections[0], first, filter->steady_gain), filter->steady_gain);
    for (size_t n = 0; n < count; n++, at += stride) {
        const ps_pair x = {at[0], at[1]};
        const ps_pair y = pass_section(&two, pass_section(&one, x));

        at[0] = y[0];
        at[1] = y[1];
    }
}

static void run_filter(const ps_butterworth *filter, double *window, size_t frames)
{
    double *last = window + 2 * (frames - 1);
    const size_t padded = frames + 2 * PAD;

    for (size_t i = 1; i <= PAD; i++) {
        for (uint32_t ear = 0; ear < 2; ear++) {
            (window - 2 * i)[ear] = 2.0 * window[ear] - (window + 2 * i)[ear];
            (last + 2 * i)[ear] = 2.0 * last[ear] - (last - 2 * i)[ear];
        }
    }
    pass(filter, window - (size_t)(2 * PAD), 2, padded);
    pass(filter, last + (size_t)(2 * PAD), -2, padded);
}

/* ---- Making one ---- */

static void widen_reach(ps_zero_phase *z, uint32_t reach)
{
    z->reach = reach > z->reach ? reach : z->reach;
}

static bool add_band(ps_zero_phase *z, double cutoff_hz, bool top)
{
    const ps_zero_phase_plan *plan = &z->plan;
    ps_band *band = PS_ROW(ps_band_create)(cutoff_hz, top, plan->rate_hz, CHUNK, plan->allocator);

    if (!band)
        return false;
    z->bands[z->band_count++] = band;
    widen_reach(z, PS_ROW(ps_band_reach)(band));
    return true;
}

static bool add_top(ps_zero_phase *z, double band_hz)
{
    const ps_zero_phase_plan *plan = &z->plan;

    z->top = PS_ROW(ps_top_band_create)(band_hz, plan->rate_hz, CHUNK, plan->allocator);
    if (!z->top)
        return false;
    widen_reach(z, PS_ROW(ps_top_band_reach)(z->top) + RUN); /* it looks beyond its runs */
    if (PS_ROW(ps_top_band_limit)(z->top) < PS_ZERO_PHASE_SMOOTH)
        z->plan.input.smooth = NULL; /* what it calls smooth is not smooth enough */
    return true;
}

/* The bands that lie between the signal and the result; one of the signal alone when the low-pass
   is low. False when memory is out. */
static bool make_bands(ps_zero_phase *z, double highpass_hz, double lowpass_hz)
{
    const ps_zero_phase_plan *plan = &z->plan;
    const double half = 0.5 * plan->rate_hz;

    z->bands_only = lowpass_hz > 0.0 && lowpass_hz < 0.5 * half;
    if (highpass_hz > 0.0 && !add_band(z, highpass_hz, false))
        return false;
    if (z->bands_only)
        return add_band(z, lowpass_hz, false);
    if (lowpass_hz <= 0.0)
        return true;
    if (!add_band(z, half - lowpass_hz, true))
        return false;
    return PS_ROW(ps_band_is_narrow)(z->bands[z->band_count - 1]) || add_top(z, half - lowpass_hz);
}

/* What is a window, and how much room the largest one needs. */
static uint64_t lay_out(ps_zero_phase *z)
{
    const uint64_t frames = z->plan.frames, reach = z->reach;

    z->head = z->tail = frames;
    if (z->plan.whole || frames < 2 * reach + 2 * CHUNK)
        return frames;
    z->head = reach;
    z->tail = reach + (frames - 2 * reach) / CHUNK * CHUNK;
    return frames - z->tail + reach; /* the tail is at least as long as the head */
}

static bool take_memory(ps_zero_phase *z, uint64_t window_frames)
{
    const ps_allocator *allocator = z->plan.allocator;
    const size_t per_frame = 2 * sizeof(double);
    const bool chunks = z->head < z->tail;

    if (window_frames > SIZE_MAX / per_frame - 2 * PAD)
        return false;
    z->window = ps_alloc(allocator, (size_t)window_frames + 2 * PAD, per_frame);
    z->ring_runs = chunks ? (2 * z->reach + CHUNK) / RUN : 1;
    z->ring = ps_alloc(allocator, z->ring_runs, 2 * RUN * sizeof(float));
    return z->window && z->ring;
}

/* 0 for a cutoff that means no filter; and not so near 0 or half the rate that a double no longer
   tells the poles from one another. */
static double usable(double cutoff_hz, double rate_hz)
{
    const double least = 1e-6 * rate_hz, most = 0.5 * rate_hz - least;

    if (!(cutoff_hz > 0.0 && cutoff_hz < 0.5 * rate_hz))
        return 0.0;
    return cutoff_hz < least ? least : cutoff_hz > most ? most : cutoff_hz;
}

static ps_status start(ps_zero_phase *z)
{
    const ps_zero_phase_plan *plan = &z->plan;
    const double highpass_hz = usable(plan->highpass_hz, plan->rate_hz);
    const double lowpass_hz = usable(plan->lowpass_hz, plan->rate_hz);

    if (highpass_hz > 0.0)
        ps_butterworth_highpass(&z->filters[z->filter_count++], highpass_hz, plan->rate_hz);
    if (lowpass_hz > 0.0)
        ps_butterworth_lowpass(&z->filters[z->filter_count++], lowpass_hz, plan->rate_hz);
    z->chunk_first = UINT64_MAX;
    if (!plan->whole && !make_bands(z, highpass_hz, lowpass_hz))
        return PS_NO_MEMORY;
    return take_memory(z, lay_out(z)) ? PS_OK : PS_NO_MEMORY;
}

ps_status PS_ROW(ps_zero_phase_create)(ps_zero_phase **out, const ps_zero_phase_plan *plan,
                                       ps_error *err)
{
    if (plan->frames < PS_ZERO_PHASE_FRAMES_MIN)
        return ps_fail(err, PS_BAD_ARGUMENT, "%u frames are too few to filter: it takes %u",
                       (unsigned)plan->frames, PS_ZERO_PHASE_FRAMES_MIN);

    ps_zero_phase *z = ps_alloc(plan->allocator, 1, sizeof *z);

    if (!z)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a filter");
    z->plan = *plan;
    if (start(z) != PS_OK) {
        PS_ROW(ps_zero_phase_destroy)(z);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a filter");
    }
    *out = z;
    return PS_OK;
}

void PS_ROW(ps_zero_phase_destroy)(ps_zero_phase *filter)
{
    if (!filter)
        return;

    const ps_allocator *allocator = filter->plan.allocator;

    PS_ROW(ps_band_destroy)(filter->bands[0]);
    PS_ROW(ps_band_destroy)(filter->bands[1]);
    PS_ROW(ps_top_band_destroy)(filter->top);
    ps_free(allocator, filter->window);
    ps_free(allocator, filter->ring);
    ps_free(allocator, filter);
}

/* ---- The signal ---- */

/* The run at a frame: one of the last rendered, or the next one. */
static const float *signal_run(ps_zero_phase *z, uint64_t frame)
{
    const ps_zero_phase_input *input = &z->plan.input;
    float *run = z->ring + (size_t)(frame / RUN % z->ring_runs) * 2 * RUN;

    if (frame == z->rendered) {
        const uint64_t left = z->plan.frames - frame;
        const uint32_t count = left < RUN ? (uint32_t)left : RUN;

        input->render(input->user, run, run + RUN, count);
        z->rendered += count;
    }
    return run;
}

/* Nothing before a frame will be asked for any more. */
static void skip_signal(ps_zero_phase *z, uint64_t frame)
{
    const ps_zero_phase_input *input = &z->plan.input;

    if (frame <= z->rendered)
        return;
    if (input->skip) {
        input->skip(input->user, frame);
        z->rendered = frame;
    }
    while (z->rendered < frame)
        signal_run(z, z->rendered);
}

/* ---- Windows and chunks ---- */

static void make_window(ps_zero_phase *z, uint64_t first, uint64_t end)
{
    double *window = z->window + (size_t)(2 * PAD);

    skip_signal(z, first);
    for (uint64_t frame = first; frame < end; frame += RUN) {
        const float *run = signal_run(z, frame);
        const uint32_t count = end - frame < RUN ? (uint32_t)(end - frame) : RUN;
        double *at = window + 2 * (size_t)(frame - first);

        for (uint32_t i = 0; i < count; i++) {
            at[2 * i] = (double)run[i];
            at[2 * i + 1] = (double)run[RUN + i];
        }
    }
    for (uint32_t i = 0; i < z->filter_count; i++)
        run_filter(&z->filters[i], window, (size_t)(end - first));
    z->window_first = first;
    z->has_window = true;
}

/* Brings a band's window up to a chunk. */
static void feed_band(ps_zero_phase *z, uint32_t index, uint64_t first)
{
    ps_band *band = z->bands[index];
    const uint32_t reach = PS_ROW(ps_band_reach)(band);

    if (z->band_next[index] != first + reach) { /* where the chunk before this one ends */
        PS_ROW(ps_band_restart)(band);
        z->band_next[index] = first - reach;
    }
    for (; z->band_next[index] < first + CHUNK + reach; z->band_next[index] += RUN) {
        const float *run = signal_run(z, z->band_next[index]);

        PS_ROW(ps_band_add)(band, run, run + RUN);
    }
}

/* The frames of a run with those beside it. */
static void look_around(ps_zero_phase *z, uint64_t frame, float *const ears[2])
{
    const uint32_t margin = PS_TOP_BAND_MARGIN;
    const float *before = signal_run(z, frame - RUN), *after = signal_run(z, frame + RUN);
    const float *run = signal_run(z, frame);

    for (uint32_t ear = 0; ear < 2; ear++) {
        memcpy(ears[ear] - margin, before + (ear + 1) * RUN - margin, margin * sizeof(float));
        memcpy(ears[ear], run + ear * RUN, RUN * sizeof(float));
        memcpy(ears[ear] + RUN, after + ear * RUN, margin * sizeof(float));
    }
}

/* The top band of a chunk whose signal is mostly smooth; false if it is not. */
static bool make_top(ps_zero_phase *z, uint64_t first)
{
    const ps_zero_phase_input *input = &z->plan.input;
    const int32_t reach = (int32_t)PS_ROW(ps_top_band_reach)(z->top);
    float left[RUN + 2 * PS_TOP_BAND_MARGIN], right[RUN + 2 * PS_TOP_BAND_MARGIN];
    float *const ears[2] = {left + PS_TOP_BAND_MARGIN, right + PS_TOP_BAND_MARGIN};

    PS_ROW(ps_top_band_begin)(z->top);
    for (int32_t at = -reach; at < (int32_t)CHUNK + reach; at += (int32_t)RUN) {
        const uint64_t frame = first + (uint64_t)at;

        if (input->smooth && input->smooth(input->user, frame))
            continue;
        look_around(z, frame, ears);
        if (!PS_ROW(ps_top_band_add)(z->top, at, ears[0], ears[1]))
            return false;
    }
    return true;
}

static void make_chunk(ps_zero_phase *z, uint64_t first)
{
    skip_signal(z, first - z->reach);
    /* Whatever a band needs is then within the ring. */
    for (uint64_t frame = z->rendered; frame < first + CHUNK + z->reach; frame += RUN)
        signal_run(z, frame);
    z->from_top = z->top && make_top(z, first);
    for (uint32_t i = 0; i < z->band_count; i++) {
        if (z->from_top && i + 1 == z->band_count)
            continue;
        feed_band(z, i, first);
        PS_ROW(ps_band_chunk)(z->bands[i]);
    }
    z->chunk_first = first;
}

static const float silence[2 * RUN];

/* A run of the chunk it lies in. */
static void render_between(ps_zero_phase *z, uint64_t frame, float *left, float *right)
{
    const uint64_t first = z->head + (frame - z->head) / CHUNK * CHUNK;
    const float gain = z->bands_only ? 1.0f : -1.0f;

    if (first != z->chunk_first)
        make_chunk(z, first);
    const uint32_t run = (uint32_t)(frame - first) / RUN;
    const float *signal = z->bands_only ? silence : signal_run(z, frame);
    const float *from_left = signal, *from_right = signal + RUN;

    for (uint32_t i = 0; i < z->band_count; i++) {
        if (z->from_top && i + 1 == z->band_count)
            PS_ROW(ps_top_band_take)(z->top, run, from_left, from_right, left, right);
        else
            PS_ROW(ps_band_run)(z->bands[i], run, from_left, from_right, left, right, gain);
        from_left = left;
        from_right = right;
    }
    if (z->band_count == 0) {
        memcpy(left, from_left, RUN * sizeof *left);
        memcpy(right, from_right, RUN * sizeof *right);
    }
}

/* A run near an end. */
static void render_window(ps_zero_phase *z, uint64_t frame, float *left, float *right,
                          uint32_t frames)
{
    const bool ahead = frame < z->head; /* a window over everything counts as the head's */
    const uint64_t first = ahead ? 0 : z->tail - z->reach;

    if (!z->has_window || first != z->window_first)
        make_window(z, first, ahead && z->head < z->tail ? z->head + z->reach : z->plan.frames);
    const double *at = z->window + 2 * (size_t)(PAD + frame - z->window_first);

    for (uint32_t i = 0; i < frames; i++) {
        left[i] = (float)at[2 * i];
        right[i] = (float)at[2 * i + 1];
    }
}

void PS_ROW(ps_zero_phase_render)(ps_zero_phase *filter, float *left, float *right, uint32_t frames)
{
    ps_zero_phase *z = filter;

    if (z->next >= z->head && z->next < z->tail)
        render_between(z, z->next, left, right);
    else
        render_window(z, z->next, left, right, frames);
    z->next += frames;
}

void PS_ROW(ps_zero_phase_skip)(ps_zero_phase *filter, uint64_t frame)
{
    filter->next = frame;
}
