/* From the flange parameters of a voice to its flangers. */
#include "voice/flange.h"

#include <math.h>
#include <string.h>

#include "base/ascii.h"
#include "voice/common.h"

#define NAME_BYTES 64u

struct ps_flange {
    const ps_allocator *allocator;
    ps_flanger *start, *end; /* NULL: dry; end only when blended */
    bool blend;
    ps_curve curve;
    ps_ramp ramp;
};

/* What one end of the transition (or all of the step) is set to. */
typedef struct end_values {
    double number[PS_FLANGE_ROWS];
    const ps_value *shape;
} end_values;

static const ps_value *present(const ps_value *params, const char *name)
{
    const ps_value *value = ps_value_member(params, name);

    return ps_value_is_null(value) ? NULL : value;
}

static ps_status read_row(end_values *values, uint32_t row, const ps_parameter *parameter,
                          const ps_value *value, const ps_value *params, const char **name,
                          ps_error *err)
{
    if (!value)
        return PS_OK;
    if (parameter->kind == PS_PARAMETER_FLAG)
        values->number[row] = ps_value_truth(value) ? 1.0 : 0.0;
    else if (parameter->kind == PS_PARAMETER_TEXT)
        values->shape = value;
    else if (!ps_value_number(value, &values->number[row])) {
        *name = params->names[value - params->members];
        return ps_fail(err, PS_BAD_DATA, "is not a number");
    }
    return PS_OK;
}

/* The values under their own names, overridden by those with the prefix (NULL: none). */
static ps_status read_end(end_values *values, const ps_value *params, const char *prefix,
                          const char **name, ps_error *err)
{
    uint32_t count;
    const ps_parameter *rows = ps_common_parameters(PS_COMMON_FLANGER, &count);
    ps_status status = PS_OK;

    memset(values, 0, sizeof *values);
    for (uint32_t i = 0; i < count && status == PS_OK; i++) {
        char own[NAME_BYTES];
        const ps_value *value = present(params, rows[i].name);

        if (prefix) {
            ps_parameter_name(own, sizeof own, prefix, rows[i].name);
            value = present(params, own) ? present(params, own) : value;
        }
        values->number[i] = rows[i].preset;
        status = read_row(values, i, &rows[i], value, params, name, err);
    }
    return status;
}

/* A whole number out of one that may be anything; 0..most, most + 1 for all others. */
static int choice(double number, int most)
{
    const double whole = trunc(number);

    return whole >= 0.0 && whole <= most ? (int)whole : most + 1;
}

static bool is_sine(const ps_value *shape)
{
    return !shape || (shape->kind == PS_VALUE_TEXT && strcmp(shape->text, "sine") == 0);
}

static ps_flanger_settings settings_of(const end_values *v)
{
    static const ps_flanger_stereo stereo[] = {PS_FLANGER_LEFT_RIGHT, PS_FLANGER_LEFT_RIGHT,
                                               PS_FLANGER_MID, PS_FLANGER_SIDE,
                                               PS_FLANGER_LEFT_RIGHT};
    static const ps_flanger_law law[] = {PS_FLANGER_LINEAR, PS_FLANGER_RECIPROCAL,
                                         PS_FLANGER_EXPONENTIAL};
    const double *n = v->number;
    ps_flanger_settings s;

    ps_flanger_defaults(&s);
    s.delay_ms = n[PS_FLANGE_DELAY];
    s.depth_ms = n[PS_FLANGE_DEPTH];
    s.rate_hz = n[PS_FLANGE_RATE];
    s.triangle = !is_sine(v->shape);
    s.feedback = n[PS_FLANGE_FEEDBACK];
    s.mix = n[PS_FLANGE_MIX];
    s.loop_lpf_hz = n[PS_FLANGE_LOOP_LPF];
    s.loop_hpf_hz = n[PS_FLANGE_LOOP_HPF];
    s.stereo = stereo[choice(n[PS_FLANGE_STEREO_MODE], 3)];
    s.law = law[choice(n[PS_FLANGE_LAW], 1)];
    s.four_taps = trunc(n[PS_FLANGE_INTERP]) != 0.0;
    s.min_delay_ms = n[PS_FLANGE_MIN_DELAY];
    s.max_delay_ms = n[PS_FLANGE_MAX_DELAY];
    s.smooth_delay_ms = n[PS_FLANGE_SMOOTH_DELAY];
    s.smooth_depth_ms = n[PS_FLANGE_SMOOTH_DEPTH];
    s.match_loudness = trunc(n[PS_FLANGE_LOUDNESS_MODE]) != 0.0;
    s.loudness_ms = n[PS_FLANGE_LOUDNESS_TC];
    s.loudness_min_gain = n[PS_FLANGE_LOUDNESS_MIN];
    s.loudness_max_gain = n[PS_FLANGE_LOUDNESS_MAX];
    return s;
}

static bool same(const end_values *a, const end_values *b)
{
    for (uint32_t i = 0; i < PS_FLANGE_ROWS; i++) {
        if (a->number[i] != b->number[i])
            return false;
    }
    return is_sine(a->shape) == is_sine(b->shape);
}

static double number_or(const ps_value *params, const char *name, double preset)
{
    double number;

    return ps_value_number(present(params, name), &number) ? number : preset;
}

/* The transition of the flanger: that of the voice, except that post_offset counts. */
static ps_status make_ramp(ps_flange *flange, const ps_voice_setup *setup, const ps_value *params,
                           const char **name, ps_error *err)
{
    const ps_value *curve = present(params, "transition_curve");
    const double offset = fmax(0.0, number_or(params, "initial_offset", 0.0));
    double span = setup->duration_sec - offset - number_or(params, "post_offset", 0.0);
    const ps_status status = ps_curve_compile(
        &flange->curve, curve && curve->kind == PS_VALUE_TEXT ? curve->text : "linear",
        setup->allocator, err);

    if (status != PS_OK) {
        *name = "transition_curve";
        return status;
    }
    if (present(params, "transition_duration"))
        span = number_or(params, "transition_duration", 0.0);
    ps_ramp_init(&flange->ramp, &flange->curve, offset, true, span, setup->duration_sec,
                 setup->frame_sec);
    return PS_OK;
}

static ps_status make(ps_flange *flange, const ps_voice_setup *setup, const ps_value *params,
                      const end_values *start, const end_values *end, bool blend, const char **name,
                      ps_error *err)
{
    const bool starts = start->number[PS_FLANGE_ENABLE] != 0.0;
    const bool ends = end->number[PS_FLANGE_ENABLE] != 0.0;
    const ps_flanger_settings first = settings_of(start), second = settings_of(end);
    ps_status status = PS_OK;

    flange->blend = blend;
    if (blend)
        status = make_ramp(flange, setup, params, name, err);
    if (status == PS_OK && (starts || !blend))
        status = ps_flanger_create(&flange->start, &first, setup->rate_hz, setup->allocator, err);
    if (status == PS_OK && blend && ends)
        status = ps_flanger_create(&flange->end, &second, setup->rate_hz, setup->allocator, err);
    return status;
}

ps_status ps_flange_create(ps_flange **out, const ps_voice_setup *setup, const ps_value *params,
                           bool is_transition, const char **name, ps_error *err)
{
    end_values start, end;
    ps_status status;

    *out = NULL;
    if (!ps_value_truth(present(params, "flangeEnable")))
        return PS_OK;
    status = read_end(&start, params, "start", name, err);
    if (status == PS_OK)
        status = read_end(&end, params, "end", name, err);
    if (status != PS_OK)
        return status;
    if (start.number[PS_FLANGE_ENABLE] == 0.0 && end.number[PS_FLANGE_ENABLE] == 0.0)
        return PS_OK;
    ps_flange *flange = ps_alloc(setup->allocator, 1, sizeof *flange);
    if (!flange)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a flanger");
    flange->allocator = setup->allocator;
    status =
        make(flange, setup, params, &start, &end, is_transition && !same(&start, &end), name, err);
    if (status != PS_OK) {
        ps_flange_destroy(flange);
        return status;
    }
    *out = flange;
    return PS_OK;
}

void ps_flange_destroy(ps_flange *flange)
{
    if (!flange)
        return;
    ps_flanger_destroy(flange->start);
    ps_flanger_destroy(flange->end);
    ps_curve_free(&flange->curve, flange->allocator);
    ps_free(flange->allocator, flange);
}

void ps_flange_process(ps_flange *flange, const ps_voice_row *row, float *left, float *right,
                       uint64_t first, uint32_t frames)
{
    _Alignas(PS_ALIGN_BYTES) float other[2][PS_VOICE_FRAMES];
    double alpha[PS_VOICE_FRAMES];

    if (flange->blend) {
        memcpy(other[0], left, frames * sizeof *left);
        memcpy(other[1], right, frames * sizeof *right);
    }
    if (flange->start)
        row->flanger(flange->start, left, right, frames);
    if (!flange->blend)
        return;
    if (flange->end)
        row->flanger(flange->end, other[0], other[1], frames);
    ps_ramp_fill(&flange->ramp, alpha, first, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const double a = alpha[i];

        left[i] = (float)((double)left[i] * (1.0 - a) + (double)other[0][i] * a);
        right[i] = (float)((double)right[i] * (1.0 - a) + (double)other[1][i] * a);
    }
}

double ps_flange_bound(const ps_flange *flange, double peak)
{
    const double start = flange->start ? ps_flanger_bound(flange->start, peak) : peak;

    if (!flange->blend)
        return start;
    double low, high;
    const double end = flange->end ? ps_flanger_bound(flange->end, peak) : peak;
    ps_ramp_range(&flange->ramp, &low, &high);
    const double weight = fmax(fabs(low) + fabs(1.0 - low), fabs(high) + fabs(1.0 - high));
    return fmax(start, end) * fmax(1.0, weight);
}
