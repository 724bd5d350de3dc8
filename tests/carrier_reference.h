/*
 * The tones of the binaural, isochronic and dual pulse voices once more: as plainly as the
 * equations stand, in double, for whole clips, from the parameters as JSON. With the parameter sets
 * of the check values.
 */
#ifndef TESTS_CARRIER_REFERENCE_H
#define TESTS_CARRIER_REFERENCE_H

#include "voice_support.h"

#define TWO_PI 6.28318530717958647692

#define SET_B                                                                                      \
    "\"ampL\": 0.7, \"ampR\": 0.4, \"baseFreq\": 180.3, \"beatFreq\": 7.3, \"startPhaseL\": 0.4, " \
    "\"startPhaseR\": -1.1, \"ampOscDepthL\": 0.6, \"ampOscFreqL\": 1.7, \"ampOscDepthR\": 1.2, "  \
    "\"ampOscFreqR\": 2.9, \"ampOscPhaseOffsetL\": 0.7, \"ampOscPhaseOffsetR\": -2.0, "            \
    "\"ampOscSkewL\": 0.3, \"ampOscSkewR\": -0.8, \"freqOscRangeL\": 12.0, \"freqOscFreqL\": "     \
    "3.1, \"freqOscRangeR\": 30.0, \"freqOscFreqR\": 0.9, \"freqOscSkewL\": -0.4, "                \
    "\"freqOscSkewR\": 0.9, \"freqOscPhaseOffsetL\": 1.0, \"freqOscPhaseOffsetR\": -0.5, "         \
    "\"phaseOscFreq\": 0.7, \"phaseOscRange\": 1.9"
#define SET_TM "\"initial_offset\": 0.25, \"transition_duration\": 0.5"

/* {members} with each number x as startX = x and endX = 1.37 x + 0.11, and `rest` (members, or "")
   as it stands; free() it. */
static inline char *moving_set(const char *members, const char *rest)
{
    char *text = malloc(strlen(members) + strlen(rest) + 8), name[96];
    json_t *from, *to, *x;
    const char *key;

    sprintf(text, "{%s}", members);
    from = json_loads(text, 0, NULL);
    sprintf(text, "{%s}", rest);
    to = json_loads(text, 0, NULL);
    free(text);
    assert_true(from && to);
    json_object_foreach(from, key, x)
    {
        if (!json_is_number(x)) {
            json_object_set(to, key, x);
            continue;
        }
        ps_parameter_name(name, sizeof name, "start", key);
        json_object_set(to, name, x);
        ps_parameter_name(name, sizeof name, "end", key);
        json_object_set_new(to, name, json_real(1.37 * json_number_value(x) + 0.11));
    }
    text = json_dumps(to, JSON_REAL_PRECISION(17));
    json_decref(from);
    json_decref(to);
    return text;
}

/* The same parameters without harmonicSuppression; free() them. */
static inline char *without_suppression(const char *params)
{
    json_t *json = json_loads(params, 0, NULL);

    json_object_del(json, "harmonicSuppression");
    json_object_del(json, "startHarmonicSuppression");
    json_object_del(json, "endHarmonicSuppression");
    char *text = json_dumps(json, JSON_REAL_PRECISION(17));
    json_decref(json);
    return text;
}

/* The i-th of a round of rates. */
static inline double rate_of_round(uint32_t i)
{
    static const double rates_hz[] = {44100.0, 22050.0, 48000.0};

    return rates_hz[i % 3];
}

/* A voice on every row is `right`, but for frames that are marked (NULL: none). */
static inline void check_reference(test_request q, const test_sound *right, const char *edges,
                                   double tolerance)
{
    for (uint32_t row = 0; ps_kernel_row_name(row); row++) {
        q.row = ps_kernel_row_name(row);
        test_sound s = test_render(&q);

        for (uint64_t i = 0; edges && i < s.frames; i++)
            if (edges[i]) {
                s.left[i] = right->left[i];
                s.right[i] = right->right[i];
            }
        const double wrong = test_difference(&s, right);
        if (!(wrong <= tolerance))
            fail_msg("%s: %g wrong with %s", q.row, wrong, q.params);
        test_sound_free(&s);
    }
}

/* One clip that is to be computed. */
typedef struct reference {
    json_t *params;
    bool transition;
    double duration, rate, dt;
    uint64_t frames;
    double *alpha; /* of each frame; 0 for static voices */
} reference;

static inline double reference_number(const reference *r, const char *name, double preset)
{
    const json_t *x = json_object_get(r->params, name);

    return json_is_number(x) ? json_number_value(x) : json_is_boolean(x) ? json_is_true(x) : preset;
}

/* The ends of a parameter by the chain startX, x, preset; endX, start. */
static inline void reference_ends(const reference *r, const char *name, double preset, double *ends)
{
    char start[96], end[96];

    ps_parameter_name(start, sizeof start, "start", name);
    ps_parameter_name(end, sizeof end, "end", name);
    ends[0] = ends[1] = reference_number(r, name, preset);
    if (r->transition) {
        ends[0] = reference_number(r, start, ends[0]);
        ends[1] = reference_number(r, end, ends[0]);
    }
}

/* A parameter at a frame. */
static inline double reference_at(const reference *r, const char *name, double preset, uint64_t i)
{
    double ends[2];

    reference_ends(r, name, preset, ends);
    return ends[0] + (ends[1] - ends[0]) * r->alpha[i];
}

static inline double reference_curve(const char *curve, double a)
{
    if (strcmp(curve, "logarithmic") == 0)
        return 1.0 - (1.0 - a) * (1.0 - a);
    if (strcmp(curve, "exponential") == 0)
        return a * a;
    if (strcmp(curve, "0.5-0.5*np.cos(np.pi*alpha)") == 0)
        return 0.5 - 0.5 * cos(TWO_PI / 2.0 * a);
    assert_string_equal(curve, "linear");
    return a;
}

static inline void reference_alpha(reference *r)
{
    const json_t *curve = json_object_get(r->params, "transition_curve");
    const double offset = fmax(0.0, reference_number(r, "initial_offset", 0.0));
    const double rest = fmax(0.0, r->duration - offset);
    const double wanted = fmax(0.0, reference_number(r, "transition_duration", rest));
    const double s = fmin(offset, r->duration);
    const double w = fmin(wanted, fmax(0.0, r->duration - s));

    for (uint64_t i = 0; i < r->frames && r->transition; i++) {
        const double t = (double)i * r->dt;

        if (w <= 0.0)
            r->alpha[i] = t >= s && s < r->duration;
        else
            r->alpha[i] = reference_curve(curve ? json_string_value(curve) : "linear",
                                          fmin(fmax((t - s) / w, 0.0), 1.0));
    }
}

static inline reference reference_open(const test_request *q)
{
    reference r = {.params = json_loads(q->params, 0, NULL),
                   .transition = q->is_transition,
                   .duration = q->duration_sec,
                   .rate = q->rate_hz};

    assert_non_null(r.params);
    r.frames = (uint64_t)(q->duration_sec * q->rate_hz);
    r.dt = r.duration / (double)r.frames;
    r.alpha = calloc(r.frames, sizeof *r.alpha);
    assert_non_null(r.alpha);
    reference_alpha(&r);
    return r;
}

static inline void reference_close(reference *r)
{
    json_decref(r->params);
    free(r->alpha);
}

/* The skewed waves. */
static inline double reference_wave(double u, double skew, bool triangle)
{
    const double p = u - floor(u), raw = 0.5 + 0.5 * skew;
    const double k = raw <= 0.0 ? 1e-9 : raw >= 1.0 ? 1.0 - 1e-9 : raw;

    if (triangle)
        return p < k ? -1.0 + 2.0 * p / k : 1.0 - 2.0 * (p - k) / (1.0 - k);
    return p < k ? sin(TWO_PI / 2.0 * p / k) : sin(TWO_PI / 2.0 * (1.0 + (p - k) / (1.0 - k)));
}

/* "ampOscDepth" and ear 1: "ampOscDepthR". */
static inline double reference_ear(const reference *r, const char *name, uint32_t ear,
                                   double preset, uint64_t i)
{
    char own[96];

    snprintf(own, sizeof own, "%s%c", name, ear == 0 ? 'L' : 'R');
    return reference_at(r, own, preset, i);
}

static inline double reference_tremolo(const reference *r, uint32_t ear, uint64_t i)
{
    const double u = reference_ear(r, "ampOscFreq", ear, 0.0, i) * ((double)i * r->dt) +
                     reference_ear(r, "ampOscPhaseOffset", ear, 0.0, i) / TWO_PI;

    return 1.0 - reference_ear(r, "ampOscDepth", ear, 0.0, i) * 0.5 *
                     (1.0 + reference_wave(u, reference_ear(r, "ampOscSkew", ear, 0.0, i), false));
}

/* The phase modulation of a frame: left minus it, right plus it. */
static inline double reference_wobble(const reference *r, uint64_t i)
{
    return reference_at(r, "phaseOscRange", 0.0, i) / 2.0 *
           sin(TWO_PI * reference_at(r, "phaseOscFreq", 0.0, i) * ((double)i * r->dt));
}

/* The vibrato of a frame in Hz. turns: the sum of its frequency over the frames so far, this one
   included, times dt. */
static inline double reference_vibrato(const reference *r, uint32_t ear, uint64_t i, double turns,
                                       bool triangle)
{
    const double offset = reference_ear(r, "freqOscPhaseOffset", ear, 0.0, i) / TWO_PI;
    const double u =
        r->transition ? turns : reference_ear(r, "freqOscFreq", ear, 0.0, i) * ((double)i * r->dt);

    return reference_ear(r, "freqOscRange", ear, 0.0, i) / 2.0 *
           reference_wave(u + offset, reference_ear(r, "freqOscSkew", ear, 0.0, i), triangle);
}

/* Sections 4.2 and 4.3. beat_share 0: both ears get the base frequency. */
static inline test_sound reference_binaural(const reference *r, double beat_share)
{
    test_sound s = {calloc(r->frames, sizeof(float)), calloc(r->frames, sizeof(float)), r->frames};
    const bool high = reference_number(r, "leftHigh", 0.0) != 0.0;
    const json_t *shape = json_object_get(r->params, "freqOscShape");
    const bool triangle = shape && strcmp(json_string_value(shape), "triangle") == 0;

    for (uint32_t ear = 0; ear < 2; ear++) {
        const double side = (ear == 1) == high ? -0.5 : 0.5;
        double phase = reference_ear(r, "startPhase", ear, 0.0, 0), turns = 0.0, ends[2];

        reference_ends(r, ear == 0 ? "startPhaseL" : "startPhaseR", 0.0, ends);
        phase = ends[0];
        for (uint64_t i = 0; i < r->frames; i++) {
            turns += reference_ear(r, "freqOscFreq", ear, 0.0, i) * r->dt;
            const double f = reference_at(r, "baseFreq", 200.0, i) +
                             side * beat_share * reference_at(r, "beatFreq", 4.0, i) +
                             reference_vibrato(r, ear, i, turns, triangle);

            phase += TWO_PI * fmax(0.0, f) * r->dt;
            const double d = reference_wobble(r, i);
            (ear == 0 ? s.left : s.right)[i] =
                (float)(sin(phase + (ear == 0 ? -d : d)) * reference_tremolo(r, ear, i) *
                        reference_ear(r, "amp", ear, 0.5, i));
        }
    }
    return s;
}

#endif
