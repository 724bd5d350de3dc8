/* Volume envelopes, with the sample counts of the reference: its roundings are done in its order.
 */
#include "voice/envelope.h"

#include <math.h>
#include <string.h>

#include "voice/voice.h"

#define FADE_SEC    0.01
#define LONGEST_SEC 1e200 /* so that sums and products of times stay finite */
#define LOUDEST     1e6   /* 120 dB */

/** ---- Pieces --------------------------------------------------------------------------------- */

/* Appends a line of some frames. reaches: its last frame has `to`, else the one after it would. */
static void add(ps_voice_envelope *e, double frames, double from, double to, bool reaches)
{
    ps_voice_envelope_piece *p = &e->pieces[e->count];
    const ps_voice_envelope_piece *last = e->count > 0 ? p - 1 : NULL;
    const double steps = reaches ? frames - 1.0 : frames;

    if (frames <= 0.0)
        return;
    p->first = last ? last->first + last->frames : 0;
    p->frames = (uint64_t)frames;
    p->from = from;
    p->to = steps > 0.0 ? to : from;
    p->step = steps > 0.0 ? (to - from) / steps : 0.0;
    p->reaches = reaches && steps > 0.0;
    e->count++;
}

/* Frames per second as the reference has them from its time grid; truncations depend on it. */
static double grid_rate(const ps_voice_envelope *e, double duration_sec)
{
    const double frames = (double)e->frames, each = duration_sec / frames;

    return frames / ((frames - 1.0) * each + each);
}

/* attack, decay to a level, that level, release; lengths in seconds. */
static void make_adsr(ps_voice_envelope *e, double rate, double attack_sec, double decay_sec,
                      double level, double release_sec)
{
    const double frames = (double)e->frames;
    double attack = trunc(attack_sec * rate), decay = trunc(decay_sec * rate);
    double release = trunc(release_sec * rate);

    if (e->frames == 1) {
        add(e, 1.0, 0.0, 0.0, true);
        return;
    }
    if (attack + decay + release > frames) {
        const double share = frames / (attack + decay + release);

        attack = trunc(attack * share);
        decay = trunc(decay * share);
        release = frames - attack - decay;
    }
    add(e, attack, 0.0, 1.0, false);
    add(e, decay, 1.0, level, false);
    add(e, frames - attack - decay - release, level, level, false);
    add(e, release, level, 0.0, true);
}

/* A ramp at the start or at the end. */
static void make_fade(ps_voice_envelope *e, double rate_hz, double fade_sec, double start,
                      double end, bool out)
{
    const double frames = (double)e->frames;
    const double fade = fmin(trunc(fade_sec * rate_hz), frames), rest = frames - fade;

    if (out)
        add(e, rest, start, start, false);
    add(e, fade, start, end, true);
    if (!out)
        add(e, rest, end, end, false);
}

/** ---- Reading -------------------------------------------------------------------------------- */

/* Of the params of an envelope, and what went wrong with them first. */
typedef struct reading {
    const ps_value *params;
    ps_error *err;
    ps_status status;
} reading;

/* A number held to a range; without a preset (NAN) it has to be there. */
static double number(reading *r, const char *name, double preset, double low, double high)
{
    const ps_value *value = ps_value_member(r->params, name);
    double x = preset;

    if (!ps_value_is_null(value) && !ps_value_number(value, &x) && r->status == PS_OK)
        r->status = ps_fail(r->err, PS_BAD_DATA, "%s is not a number", name);
    else if (isnan(x) && r->status == PS_OK)
        r->status = ps_fail(r->err, PS_BAD_DATA, "%s is missing", name);
    return x < low ? low : x > high ? high : x;
}

static double seconds(reading *r, const char *name, double preset)
{
    return number(r, name, preset, 0.0, LONGEST_SEC);
}

/* Whether a fade lies at the end. */
static bool fades_out(reading *r)
{
    const ps_value *value = ps_value_member(r->params, "fade_type");
    const char *text = ps_value_is_null(value) ? "in" : "";

    if (value && value->kind == PS_VALUE_TEXT)
        text = value->text;
    if (strcmp(text, "in") != 0 && strcmp(text, "out") != 0 && r->status == PS_OK)
        r->status = ps_fail(r->err, PS_BAD_DATA, "fade_type is neither \"in\" nor \"out\"");
    return strcmp(text, "out") == 0;
}

static void read_type(ps_voice_envelope *e, reading *r, const char *type, double rate_hz,
                      double duration_sec, bool reference)
{
    const double rate = grid_rate(e, duration_sec);

    if (strcmp(type, "linear_fade") == 0) {
        const double fade_sec = seconds(r, "fade_duration", (double)NAN);
        const double start = number(r, "start_amp", (double)NAN, -LOUDEST, LOUDEST);
        const double end = number(r, "end_amp", (double)NAN, -LOUDEST, LOUDEST);
        const bool out = !reference && fades_out(r);

        if (r->status == PS_OK)
            make_fade(e, rate_hz, fade_sec, start, end, out);
    } else if (strcmp(type, "adsr") == 0) {
        const double attack_sec = seconds(r, "attack", 0.01), decay_sec = seconds(r, "decay", 0.1);
        const double level = number(r, "sustain_level", 0.8, 0.0, 1.0);

        make_adsr(e, rate, attack_sec, decay_sec, level, seconds(r, "release", 0.1));
    } else if (strcmp(type, "linen") == 0) {
        const double attack_sec = seconds(r, "attack", 0.1);

        make_adsr(e, rate, attack_sec, 0.0, 1.0, seconds(r, "release", 0.1));
    } else {
        r->status = ps_fail(r->err, PS_BAD_DATA, "there is no envelope \"%.40s\"", type);
    }
}

ps_status ps_voice_envelope_read(ps_voice_envelope *envelope, const ps_value *value,
                                 uint64_t frames, double rate_hz, double duration_sec,
                                 bool reference, ps_error *err)
{
    const ps_value *type = ps_value_member(value, "type");
    reading r = {ps_value_member(value, "params"), err, PS_OK};

    memset(envelope, 0, sizeof *envelope);
    envelope->frames = frames;
    if (ps_value_is_null(value) || (value->kind == PS_VALUE_MAP && value->count == 0)) {
        const uint64_t fade = (uint64_t)(FADE_SEC * rate_hz);

        envelope->fade_frames = fade < frames ? fade : frames;
        return PS_OK;
    }
    if (!type || type->kind != PS_VALUE_TEXT)
        return ps_fail(err, PS_BAD_DATA, "it has no type");
    read_type(envelope, &r, type->text, rate_hz, duration_sec, reference);
    if (r.status != PS_OK)
        envelope->count = 0;
    return r.status;
}

/** ---- Gains ---------------------------------------------------------------------------------- */

/* Both fades at once: in a short step they lie over each other. */
static bool fill_fades(const ps_voice_envelope *e, float *restrict gain, uint64_t first,
                       uint32_t count)
{
    const uint64_t n = e->fade_frames;

    if (n < 2 || (first + 1 >= n && first + count + n <= e->frames + 1))
        return false;
    const double base = (double)first, last = (double)(e->frames - 1);
    const double share = 1.0 / (double)(n - 1);

    for (uint32_t i = 0; i < count; i++) {
        const double from_start = (base + (double)i) * share;
        const double to_end = (last - (base + (double)i)) * share;

        gain[i] = (float)((from_start < 1.0 ? from_start : 1.0) * (to_end < 1.0 ? to_end : 1.0));
    }
    return true;
}

/* The part of a piece that lies in the frames from `first` on. */
static void fill_piece(const ps_voice_envelope_piece *p, float *restrict gain, uint64_t first,
                       uint32_t count)
{
    const uint64_t end = first + count, piece_end = p->first + p->frames;
    const uint32_t from = p->first > first ? (uint32_t)(p->first - first) : 0;
    const uint32_t to = piece_end < end ? (uint32_t)(piece_end - first) : count;
    const double start = p->from, step = p->step, base = (double)first - (double)p->first;

    for (uint32_t i = from; i < to; i++)
        gain[i] = (float)(start + (base + (double)i) * step);
    if (p->reaches && piece_end <= end)
        gain[to - 1] = (float)p->to;
}

bool ps_voice_envelope_fill(const ps_voice_envelope *envelope, float *gain, uint64_t first,
                            uint32_t count)
{
    bool heard = false;

    if (envelope->count == 0)
        return fill_fades(envelope, gain, first, count);
    for (uint32_t k = 0; k < envelope->count; k++) {
        const ps_voice_envelope_piece *p = &envelope->pieces[k];

        if (p->first >= first + count || p->first + p->frames <= first)
            continue;
        fill_piece(p, gain, first, count);
        heard = heard || p->from != 1.0 || p->step != 0.0;
    }
    return heard;
}

void ps_voice_envelope_apply(const ps_voice_envelope *envelope, float *left, float *right,
                             uint64_t first, uint32_t count)
{
    float gain[PS_VOICE_FRAMES];

    if (!ps_voice_envelope_fill(envelope, gain, first, count))
        return;
    for (uint32_t i = 0; i < count; i++) {
        left[i] *= gain[i];
        right[i] *= gain[i];
    }
}

/** ---- As lines ------------------------------------------------------------------------------- */

bool ps_voice_envelope_is_lines(const ps_voice_envelope *envelope)
{
    const uint64_t n = envelope->fade_frames;

    return envelope->count > 0 || n < 2 || 2 * (n - 1) <= envelope->frames - 1;
}

static uint64_t fade_line(const ps_voice_envelope *e, uint64_t first, double *at, double *by)
{
    const uint64_t n = e->fade_frames, whole = n < 2 ? 0 : n - 1;
    const uint64_t out = e->frames - 1 - whole; /* the last frame at full gain */

    *at = 1.0;
    *by = 0.0;
    if (first < whole) {
        *by = 1.0 / (double)whole;
        *at = (double)first * *by;
        return whole;
    }
    if (first <= out)
        return out + 1;
    *by = -1.0 / (double)whole;
    *at = (double)(e->frames - 1 - first) / (double)whole;
    return e->frames;
}

uint64_t ps_voice_envelope_line(const ps_voice_envelope *envelope, uint64_t first, double *at,
                                double *by)
{
    if (envelope->count == 0)
        return fade_line(envelope, first, at, by);
    *at = 1.0;
    *by = 0.0;
    for (uint32_t k = 0; k < envelope->count; k++) {
        const ps_voice_envelope_piece *p = &envelope->pieces[k];

        if (first >= p->first && first - p->first < p->frames) {
            *at = p->from + (double)(first - p->first) * p->step;
            *by = p->step;
            return p->first + p->frames;
        }
    }
    return envelope->frames;
}

double ps_voice_envelope_peak(const ps_voice_envelope *envelope)
{
    double peak = envelope->count == 0 ? 1.0 : 0.0;

    for (uint32_t k = 0; k < envelope->count; k++) {
        const ps_voice_envelope_piece *p = &envelope->pieces[k];

        peak = fmax(peak, fmax(fabs(p->from), fabs(p->to)));
    }
    return peak;
}
