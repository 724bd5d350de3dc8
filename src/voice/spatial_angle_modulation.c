/*
 * A tone that moves around the head: cut into overlapping frames under a Hann window, each of which
 * is heard from the direction where the path is then (voice/ears.h).
 *
 * Everything is a closed form of the frame's number, so that nothing has to be played to get
 * somewhere. A tone that does not glide is the same cosine and sine under every window: what the
 * ears make of the two from each direction is computed once, and a frame is a mixture of them.
 */
#include <string.h>

#include "voice/ears.h"
#include "voice/oscillator.h"

#define RUN        PS_VOICE_FRAMES
#define DIRECTIONS PS_KEMAR_DIRECTIONS

#define STRETCH_MAX (1u << 18) /* frames of a window */
#define OVERLAP_MAX 256.0
#define INSTANTS    2048u /* at which the level is estimated */

enum { AMP, CARRIER, BEAT, SHAPE, RADIUS, ARC_START, ARC_END, STRETCH, OVERLAP, ROWS };

/* clang-format off */
static const ps_parameter table[ROWS] = {
    [AMP] = { "amp", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 0.7, 0.0, 1.0, NULL,
              "gain, cut to 0..1; what then peaks above 1 is brought down to 0.98" },
    [CARRIER] = { "carrierFreq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 440.0, 20.0, 2000.0, NULL,
                  "the tone", .start_preset = 440.0, .end_preset = 440.0 },
    [BEAT] = { "beatFreq", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "Hz", 4.0, 0.0, 20.0, NULL,
               "how often it goes along the path", .start_preset = 4.0, .end_preset = 4.0 },
    [SHAPE] = { "pathShape", PS_PARAMETER_TEXT, PS_GLIDE_OWN, "", 0.0, 0.0, 0.0,
                "circle square linear arc diamond oscillating_arc", "form of the path" },
    [RADIUS] = { "pathRadius", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "", 1.0, -1.0, 1.0, NULL,
                 "below 0 the path is turned around; otherwise of no effect",
                 .start_preset = 1.0, .end_preset = 1.0 },
    [ARC_START] = { "arcStartDeg", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "deg", 0.0, -180.0, 180.0, NULL,
                    "where arcs begin; 90 is left", .start_preset = 0.0, .end_preset = 0.0 },
    [ARC_END] = { "arcEndDeg", PS_PARAMETER_NUMBER, PS_GLIDE_OWN, "deg", 360.0, -180.0, 360.0, NULL,
                  "where arcs end", .start_preset = 360.0, .end_preset = 360.0 },
    [STRETCH] = { "frame_dur_ms", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "ms", 46.4, 5.0, 200.0, NULL,
                  "length of the windows" },
    [OVERLAP] = { "overlap_factor", PS_PARAMETER_NUMBER, PS_GLIDE_NONE, "", 8.0, 2.0, 16.0, NULL,
                  "windows that sound at once" },
};
/* clang-format on */

typedef enum shape { CIRCLE, SQUARE, LINEAR, ARC, DIAMOND, OSCILLATING_ARC } shape;

static const char *const shape_names[] = {"circle", "square",  "linear",
                                          "arc",    "diamond", "oscillating_arc"};

typedef struct sam {
    ps_voice base;
    const ps_voice_setup *setup;
    bool silent;
    double amp;
    ps_setting hz, beat, radius, arc_start, arc_end;
    shape shape, last_shape;
    uint32_t stretch, hop, length; /* frames: of a window, between two, of what is heard of one */
    double gain;                   /* brings the peak to 0.98 */
    float *window;
    ps_ears *ears;
    float *heard;
    /* A steady tone: what the left ear hears of its cosine and of its sine, for each direction. */
    float *cosines, *sines;
    /* A gliding one: the coming frames, as far as they have been added up. */
    float *sound, *ring[2];
    uint32_t ring_frames;
    uint64_t added;    /* stretches */
    uint64_t finished; /* frames of the ring given out or skipped */
    float *whole[2];   /* in reference mode: all of it */
} sam;

/* ---- The tone and the path ---- */

/* Cycles up to and with a frame of something at p0 + (p1 - p0) i / N, whose last frame has p1. */
static double cycles_at(const sam *v, const ps_setting *hz, uint64_t frame)
{
    const double n = (double)v->setup->frames, i = (double)frame;
    const double change = (hz->end - hz->start) / n;
    const double last = frame + 1 == v->setup->frames ? change : 0.0;

    return ((i + 1.0) * hz->start + 0.5 * change * i * (i + 1.0) + last) / v->setup->rate_hz;
}

static double value_at(const sam *v, const ps_setting *setting, uint64_t frame)
{
    const double share = (double)frame / (double)v->setup->frames;

    if (frame + 1 == v->setup->frames)
        return setting->end;
    return setting->start + (setting->end - setting->start) * share;
}

static double fraction(double x)
{
    return x - floor(x);
}

/* Degrees on a path, `cycles` along it. */
static double path_deg(shape form, double cycles, double from, double to)
{
    const double turn = fraction(cycles), half = fabs(turn - 0.5);

    switch (form) {
    case CIRCLE:
        return 360.0 * turn;
    case SQUARE: /* only its direction counts, and that goes round evenly */
        return 90.0 - 360.0 * turn;
    case DIAMOND:
        return 135.0 - 360.0 * turn;
    case LINEAR: /* through the head: front, then back */
        return turn > 0.5 ? 180.0 : 0.0;
    case ARC:
        return from + (to - from) * 0.5 * (1.0 - ps_cos_cycles(turn));
    case OSCILLATING_ARC:
        return from + (to - from) * (1.0 - 2.0 * half);
    }
    return 0.0;
}

/* The measured direction nearest to where the path is at a frame. */
static uint32_t direction_at(const sam *v, uint64_t frame)
{
    const bool last = frame + 1 == v->setup->frames;
    const double radius = value_at(v, &v->radius, frame);
    double deg = 0.0;

    if (radius == 0.0)
        return 0;
    if (value_at(v, &v->beat, frame) >= 1e-6)
        deg = path_deg(last ? v->last_shape : v->shape, cycles_at(v, &v->beat, frame),
                       value_at(v, &v->arc_start, frame), value_at(v, &v->arc_end, frame));
    const double steps = (radius < 0.0 ? deg + 180.0 : deg) / 5.0;

    return (uint32_t)(floor(fraction(steps / DIRECTIONS) * DIRECTIONS + 0.5)) % DIRECTIONS;
}

/* The direction of a stretch is that of the path half a hop after its start. */
static uint32_t direction_of(const sam *v, uint64_t stretch)
{
    const uint64_t middle = stretch * v->hop + v->hop / 2, last = v->setup->frames - 1;

    return direction_at(v, middle < last ? middle : last);
}

static uint32_t mirrored(uint32_t direction)
{
    return (DIRECTIONS - direction) % DIRECTIONS;
}

/* ---- Stretches ---- */

/* The first stretch that still sounds at a frame. */
static uint64_t first_stretch(const sam *v, uint64_t frame)
{
    return frame < v->length ? 0 : (frame - v->length) / v->hop + 1;
}

/* Frames of a stretch's sound that lie in a run: from `at` of the sound to `to` of the run. */
typedef struct part {
    uint32_t at, to, count;
} part;

static part part_of(const sam *v, uint64_t stretch, uint64_t first, uint32_t count)
{
    const uint64_t start = stretch * v->hop;
    const uint32_t at = start < first ? (uint32_t)(first - start) : 0;
    const uint32_t to = start > first ? (uint32_t)(start - first) : 0;
    const uint32_t left = v->length - at, room = count - to;

    return (part){at, to, left < room ? left : room};
}

static void mix(float *restrict out, const float *restrict a, float gain_a, const float *restrict b,
                float gain_b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = PS_MADD(gain_a, a[i], PS_MADD(gain_b, b[i], out[i]));
}

/* A run of a steady tone. */
static void render_steady(const sam *v, float *left, float *right, uint64_t first, uint32_t count)
{
    memset(left, 0, count * sizeof *left);
    memset(right, 0, count * sizeof *right);
    for (uint64_t s = first_stretch(v, first); s * v->hop < first + count; s++) {
        const part o = part_of(v, s, first, count);
        const double cycles = cycles_at(v, &v->hz, s * v->hop);
        /* sin(phase + w n) of a cosine and a sine of w n */
        const float by_cosine = (float)(v->amp * ps_sin_cycles(cycles));
        const float by_sine = (float)(v->amp * ps_cos_cycles(cycles));
        const uint32_t direction = direction_of(v, s);
        const size_t l = (size_t)direction * v->length + o.at;
        const size_t r = (size_t)mirrored(direction) * v->length + o.at;

        mix(left + o.to, v->cosines + l, by_cosine, v->sines + l, by_sine, o.count);
        mix(right + o.to, v->cosines + r, by_cosine, v->sines + r, by_sine, o.count);
    }
}

/* A stretch of a gliding tone under its window. */
static void make_sound(const sam *v, uint64_t stretch, float *restrict sound)
{
    const uint64_t first = stretch * v->hop;
    const double n = (double)v->setup->frames, i = (double)first;
    const double per_frame = 1.0 / v->setup->rate_hz, change = (v->hz.end - v->hz.start) / n;
    const double base = fraction(cycles_at(v, &v->hz, first));
    const double slope = (v->hz.start + change * (i + 0.5)) * per_frame;
    const double bend = 0.5 * change * per_frame;

    for (uint32_t k = 0; k < v->stretch; k++) {
        const double x = (double)k, cycles = base + x * (slope + bend * x);

        sound[k] = (float)(v->amp * ps_sin_cycles(cycles)) * v->window[k];
    }
}

static void add(float *restrict out, const float *restrict in, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] += in[i];
}

/* Adds what is heard of a stretch to one ear's ring. */
static void add_heard(sam *v, uint32_t ear, uint64_t stretch, uint32_t direction)
{
    const uint64_t start = stretch * v->hop;
    const uint32_t skip = start < v->finished ? (uint32_t)(v->finished - start) : 0;

    ps_ears_hear(v->ears, direction, v->heard);
    for (uint32_t i = skip; i < v->length;) {
        const uint32_t at = (uint32_t)((start + i) % v->ring_frames);
        const uint32_t room = v->ring_frames - at, rest = v->length - i;
        const uint32_t piece = rest < room ? rest : room;

        add(v->ring[ear] + at, v->heard + i, piece);
        i += piece;
    }
}

/* A run of a gliding tone. */
static void render_gliding(sam *v, float *left, float *right, uint64_t first, uint32_t count)
{
    float *out[2] = {left, right};

    for (; v->added * v->hop < first + count; v->added++) {
        const uint32_t direction = direction_of(v, v->added);

        make_sound(v, v->added, v->sound);
        ps_ears_take(v->ears, v->sound);
        add_heard(v, 0, v->added, direction);
        add_heard(v, 1, v->added, mirrored(direction));
    }
    for (uint32_t ear = 0; ear < 2; ear++) {
        float *from = v->ring[ear] + first % v->ring_frames; /* whole runs: no end in between */

        memcpy(out[ear], from, count * sizeof *from);
        memset(from, 0, count * sizeof *from);
    }
    v->finished = first + count;
}

static void skip_gliding(sam *v, uint64_t frame)
{
    for (uint32_t ear = 0; ear < 2; ear++)
        memset(v->ring[ear], 0, v->ring_frames * sizeof(float));
    v->added = first_stretch(v, frame);
    v->finished = frame;
}

static void render_raw(sam *v, float *left, float *right, uint64_t first, uint32_t count)
{
    if (v->cosines)
        render_steady(v, left, right, first, count);
    else
        render_gliding(v, left, right, first, count);
}

/* ---- The level ---- */

/* Largest amplitude an ear gets at a frame, were the tone steady and the path as it is. */
static double amplitude_at(const sam *v, uint64_t frame)
{
    const double hz = value_at(v, &v->hz, frame);
    double sums[2][2] = {{0.0}}, largest = 0.0;
    uint64_t s = frame < v->stretch ? 0 : (frame - v->stretch) / v->hop + 1;

    for (; s * v->hop <= frame; s++) {
        const uint32_t direction = direction_of(v, s);
        const double w = (double)v->window[frame - s * v->hop];

        for (uint32_t ear = 0; ear < 2; ear++) {
            double response[2];

            ps_ears_response(v->ears, ear == 0 ? direction : mirrored(direction), hz, response);
            sums[ear][0] += w * response[0];
            sums[ear][1] += w * response[1];
        }
    }
    for (uint32_t ear = 0; ear < 2; ear++) {
        const double size = sqrt(sums[ear][0] * sums[ear][0] + sums[ear][1] * sums[ear][1]);

        largest = size > largest ? size : largest;
    }
    return v->amp * largest;
}

/* The peak over one time along the path; of a transition, over the step. */
static double estimated_peak(const sam *v)
{
    const uint64_t frames = v->setup->frames;
    const bool round = !v->setup->transition && v->beat.start >= 1e-6;
    const double once = round ? v->setup->rate_hz / v->beat.start : (double)frames;
    const uint64_t span = once < (double)frames ? (uint64_t)once + v->length : frames;
    double peak = 0.0;

    for (uint32_t i = 0; i < INSTANTS; i++) {
        const double share = (i + 0.5) / INSTANTS;
        const uint64_t frame = (uint64_t)(share * (double)(span < frames ? span : frames));
        const double amplitude = amplitude_at(v, frame);

        peak = amplitude > peak ? amplitude : peak;
    }
    return peak;
}

/* Reference mode renders everything to see its peak. */
static ps_status render_whole(sam *v, ps_error *err)
{
    const uint64_t frames = v->setup->frames, room = (frames + RUN - 1) / RUN * RUN;
    float peak = 0.0f;

    for (uint32_t ear = 0; ear < 2; ear++) {
        if (room <= SIZE_MAX / sizeof(float))
            v->whole[ear] = ps_alloc(v->setup->allocator, (size_t)room, sizeof(float));
        if (!v->whole[ear])
            return ps_fail(err, PS_NO_MEMORY, "no memory for %.0f frames", (double)frames);
    }
    for (uint64_t at = 0; at < frames; at += RUN) {
        const uint32_t count = frames - at < RUN ? (uint32_t)(frames - at) : RUN;
        float *left = v->whole[0] + at, *right = v->whole[1] + at;

        render_raw(v, left, right, at, count);
        for (uint32_t i = 0; i < count; i++) {
            peak = fabsf(left[i]) > peak ? fabsf(left[i]) : peak;
            peak = fabsf(right[i]) > peak ? fabsf(right[i]) : peak;
        }
    }
    v->gain = peak > 1.0f ? 0.98 / (double)peak : 1.0;
    return PS_OK;
}

static ps_status find_gain(sam *v, ps_error *err)
{
    if (v->setup->reference)
        return render_whole(v, err);

    const double peak = estimated_peak(v);

    v->gain = peak > 1.0 ? 0.98 / peak : 1.0;
    return PS_OK;
}

/* ---- Making one ---- */

static shape shape_of(const ps_value *value)
{
    for (uint32_t i = 0; value && value->kind == PS_VALUE_TEXT && i <= OSCILLATING_ARC; i++) {
        if (strcmp(value->text, shape_names[i]) == 0)
            return (shape)i;
    }
    return CIRCLE;
}

static ps_setting not_below_zero(const ps_setting *setting)
{
    const ps_setting none = {0}, f = ps_frequency(setting, &none, 0.0);

    return (ps_setting){.start = f.start > 0.0 ? f.start : 0.0, .end = f.end > 0.0 ? f.end : 0.0};
}

/* To the nearest whole number, halves to the even one. */
static double nearest(double x)
{
    return (x + PS_ROUNDER) - PS_ROUNDER;
}

/* Windows and hops. Silent when there are none. */
static ps_status start_stretches(sam *v, ps_error *err)
{
    const ps_setting *s = v->setup->settings;
    const double overlap = trunc(s[OVERLAP].start), ms = s[STRETCH].start;

    v->silent = ms <= 0.0 || overlap < 2.0;
    if (v->silent)
        return PS_OK;
    if (overlap > OVERLAP_MAX)
        return ps_fail(err, PS_UNSUPPORTED, "overlap_factor of more than %g", OVERLAP_MAX);
    if (ms * 0.001 * v->setup->rate_hz > STRETCH_MAX)
        return ps_fail(err, PS_UNSUPPORTED, "frame_dur_ms of %g is too long", ms);
    v->stretch = (uint32_t)nearest(ms / 1000.0 * v->setup->rate_hz);
    v->hop = (uint32_t)(v->stretch / overlap);
    v->silent = v->hop == 0;
    return PS_OK;
}

/* Symmetric Hann; its root for overlaps of 2 and 4. */
static void make_window(sam *v)
{
    const double overlap = trunc(v->setup->settings[OVERLAP].start);

    for (uint32_t i = 0; i < v->stretch; i++) {
        const double cycles = v->stretch > 1 ? i / (v->stretch - 1.0) : 0.5;
        const double w = 0.5 - 0.5 * ps_cos_cycles(cycles);

        v->window[i] = (float)(overlap == 2.0 || overlap == 4.0 ? sqrt(w) : w);
    }
}

/* What is heard of the window over a cosine (a quarter turn on) or a sine, from everywhere. */
static void hear_all(sam *v, double turn, float *sound, float *heard)
{
    const double step = v->hz.start / v->setup->rate_hz;

    for (uint32_t i = 0; i < v->stretch; i++)
        sound[i] = (float)ps_sin_cycles(fraction(i * step) + turn) * v->window[i];
    ps_ears_take(v->ears, sound);
    for (uint32_t direction = 0; direction < DIRECTIONS; direction++)
        ps_ears_hear(v->ears, direction, heard + (size_t)direction * v->length);
}

static bool take_memory(sam *v)
{
    const ps_allocator *allocator = v->setup->allocator;
    const size_t length = v->length, count = DIRECTIONS * length;

    v->sound = ps_alloc(allocator, v->stretch, sizeof(float));
    if (!v->sound)
        return false;
    if (!ps_moves(&v->hz)) {
        v->cosines = ps_alloc(allocator, count, sizeof(float));
        v->sines = ps_alloc(allocator, count, sizeof(float));
        return v->cosines && v->sines;
    }
    v->ring_frames = (uint32_t)(length + 2 * RUN) / RUN * RUN;
    v->heard = ps_alloc(allocator, length, sizeof(float));
    v->ring[0] = ps_alloc(allocator, v->ring_frames, sizeof(float));
    v->ring[1] = ps_alloc(allocator, v->ring_frames, sizeof(float));
    return v->heard && v->ring[0] && v->ring[1];
}

#define TEXT_OF(x)  #x
#define ROW_TEXT(x) TEXT_OF(x)

static ps_status start_sound(sam *v, ps_error *err)
{
    const ps_voice_setup *setup = v->setup;

    v->window = ps_alloc(setup->allocator, v->stretch, sizeof(float));
    if (!v->window)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a window");
    make_window(v);
    const ps_status status = ps_ears_create(&v->ears, setup->rate_hz, v->stretch,
                                            ROW_TEXT(PS_ROW_NAME), setup->allocator, err);
    if (status != PS_OK)
        return status;
    v->length = ps_ears_frames(v->ears);
    if (!take_memory(v))
        return ps_fail(err, PS_NO_MEMORY, "no memory for directions");
    if (v->cosines) {
        hear_all(v, 0.25, v->sound, v->cosines);
        hear_all(v, 0.0, v->sound, v->sines);
    }
    return find_gain(v, err);
}

static void finish(ps_voice *voice)
{
    sam *v = (sam *)voice;
    const ps_allocator *allocator = v->setup->allocator;

    ps_ears_destroy(v->ears);
    ps_free(allocator, v->window);
    ps_free(allocator, v->heard);
    ps_free(allocator, v->cosines);
    ps_free(allocator, v->sines);
    ps_free(allocator, v->sound);
    for (uint32_t ear = 0; ear < 2; ear++) {
        ps_free(allocator, v->ring[ear]);
        ps_free(allocator, v->whole[ear]);
    }
}

static ps_status start(ps_voice *voice, ps_error *err)
{
    sam *v = (sam *)voice;
    const ps_setting *s = voice->setup->settings;
    const double amp = s[AMP].start;

    v->setup = voice->setup;
    v->amp = amp < 0.0 ? 0.0 : amp > 1.0 ? 1.0 : amp;
    v->hz = not_below_zero(&s[CARRIER]);
    v->beat = not_below_zero(&s[BEAT]);
    v->radius = ps_amount(&s[RADIUS]);
    v->arc_start = ps_amount(&s[ARC_START]);
    v->arc_end = ps_amount(&s[ARC_END]);
    v->shape = shape_of(s[SHAPE].value);
    v->last_shape = shape_of(voice->setup->transition ? s[SHAPE].end_value : s[SHAPE].value);
    ps_status status = start_stretches(v, err);
    if (status == PS_OK && !v->silent)
        status = start_sound(v, err);
    if (status != PS_OK)
        finish(voice);
    return status;
}

/* ---- Sound ---- */

static void level(const sam *v, float *x, uint32_t count)
{
    const float gain = (float)v->gain;

    /* An estimate may be a little low; nothing goes beyond 1 for it. */
    for (uint32_t i = 0; i < count; i++) {
        const float y = gain * x[i], low = y > -1.0f ? y : -1.0f;

        x[i] = low < 1.0f ? low : 1.0f;
    }
}

static void render(ps_voice *voice, float *left, float *right, uint32_t frames)
{
    sam *v = (sam *)voice;

    if (v->silent) {
        memset(left, 0, frames * sizeof *left);
        memset(right, 0, frames * sizeof *right);
        return;
    }
    if (v->whole[0]) {
        memcpy(left, v->whole[0] + voice->frame, frames * sizeof *left);
        memcpy(right, v->whole[1] + voice->frame, frames * sizeof *right);
    } else {
        render_raw(v, left, right, voice->frame, frames);
    }
    level(v, left, frames);
    level(v, right, frames);
}

static void skip(ps_voice *voice, uint64_t frame)
{
    sam *v = (sam *)voice;

    if (v->ring[0] && !v->whole[0])
        skip_gliding(v, frame);
}

static double bound(const ps_voice *voice)
{
    const sam *v = (const sam *)voice;

    if (v->silent)
        return 0.0;
    /* So many windows, none above 1, lie over a frame. */
    const double windows = ceil((double)v->length / v->hop);
    const double most = v->gain * v->amp * windows * ps_ears_most(v->ears);

    return most < 1.0 ? most : 1.0;
}

const ps_voice_kind PS_ROW(ps_voice_spatial_angle_modulation) = {
    .info = {"spatial_angle_modulation", "a tone that moves around the head", true, table, ROWS},
    .voice_bytes = sizeof(sam),
    .start = start,
    .render = render,
    .skip = skip,
    .bound = bound,
    .finish = finish,
};
