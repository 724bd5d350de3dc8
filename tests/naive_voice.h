/*
 * The words the specification of tonal voices is written in, in double precision over the whole
 * clip: what tests compare blocks of float against. Arrays live until naive_close.
 */
#ifndef TESTS_NAIVE_VOICE_H
#define TESTS_NAIVE_VOICE_H

#include "voice_support.h"

#define PI 3.14159265358979323846

typedef struct naive {
    json_t *json;
    bool transition;
    double duration_sec, rate_hz, dt;
    uint64_t frames;
    double *alpha;
    double *kept[64];
    uint32_t kept_count;
} naive;

static inline double *naive_array(naive *n)
{
    assert_true(n->kept_count < 64);
    return n->kept[n->kept_count++] = calloc(n->frames + 1, sizeof(double));
}

static inline void naive_close(naive *n)
{
    for (uint32_t i = 0; i < n->kept_count; i++)
        free(n->kept[i]);
    json_decref(n->json);
}

static inline bool naive_has(const naive *n, const char *name)
{
    return json_object_get(n->json, name) != NULL;
}

static inline double naive_number(const naive *n, const char *name, double preset)
{
    return naive_has(n, name) ? json_number_value(json_object_get(n->json, name)) : preset;
}

static inline double naive_bend(const char *curve, double a)
{
    if (strcmp(curve, "linear") == 0)
        return a;
    if (strcmp(curve, "logarithmic") == 0)
        return 1.0 - (1.0 - a) * (1.0 - a);
    if (strcmp(curve, "exponential") == 0)
        return a * a;
    assert_string_equal(curve, "0.5-0.5*np.cos(np.pi*alpha)");
    return 0.5 - 0.5 * cos(PI * a);
}

/* From an offset on for a span (negative: the rest), bent by a curve. */
static inline void naive_ramp(naive *n, double offset, double span, const char *curve)
{
    const double start = fmin(offset, n->duration_sec), rest = n->duration_sec - start;
    const double width = fmin(span < 0.0 ? rest : span, rest);

    for (uint64_t i = 0; i < n->frames; i++) {
        const double t = (double)i * n->dt;

        if (width <= 0.0)
            n->alpha[i] = t >= start && start < n->duration_sec ? 1.0 : 0.0;
        else
            n->alpha[i] = naive_bend(curve, fmin(fmax((t - start) / width, 0.0), 1.0));
    }
}

static inline void naive_open(naive *n, const test_request *q)
{
    memset(n, 0, sizeof *n);
    n->json = json_loads(q->params ? q->params : "{}", 0, NULL);
    assert_non_null(n->json);
    n->transition = q->is_transition;
    n->duration_sec = q->duration_sec;
    n->rate_hz = q->rate_hz;
    n->frames = (uint64_t)(q->duration_sec * q->rate_hz);
    n->dt = q->duration_sec / (double)n->frames;
    n->alpha = naive_array(n);
    const json_t *curve = json_object_get(n->json, "transition_curve");
    naive_ramp(n, naive_number(n, "initial_offset", 0.0),
               naive_number(n, "transition_duration", -1.0),
               curve ? json_string_value(curve) : "linear");
}

/* A parameter at every frame. */
static inline double *naive_between(naive *n, double start, double end)
{
    double *x = naive_array(n);

    for (uint64_t i = 0; i < n->frames; i++)
        x[i] = start + (n->transition ? (end - start) * n->alpha[i] : 0.0);
    return x;
}

/* Start and end fall back on the static name, the end on the start. */
static inline double *naive_chain(naive *n, const char *name, const char *start, const char *end,
                                  double preset)
{
    const double fixed = naive_number(n, name, preset);
    const double first = n->transition ? naive_number(n, start, fixed) : fixed;

    return naive_between(n, first, naive_number(n, end, first));
}

/* Start and end have presets of their own. */
static inline double *naive_own(naive *n, const char *name, double preset, const char *start,
                                double start_preset, const char *end, double end_preset)
{
    if (!n->transition)
        return naive_between(n, naive_number(n, name, preset), 0.0);
    return naive_between(n, naive_number(n, start, start_preset), naive_number(n, end, end_preset));
}

/* A sine: static, of frequency times time; in a transition, summed from phase 0 on, the way into a
   frame being at that frame's frequency. */
static inline double *naive_sine(naive *n, const double *hz, double phase_rad)
{
    double *x = naive_array(n);
    long double cycles = 0.0L;

    for (uint64_t i = 0; i < n->frames; i++) {
        const double f = fmax(hz[i], 1e-9);

        if (n->transition) {
            cycles += i > 0 ? (long double)(f * n->dt) : 0.0L;
            x[i] = sin(2.0 * PI * (double)(cycles - floorl(cycles)));
        } else {
            x[i] = sin(2.0 * PI * fmod(f * ((double)i * n->dt), 1.0) + phase_rad);
        }
    }
    return x;
}

/* tanh(a x) / tanh(a), silent for amounts of 1e-6 and less. */
static inline double naive_shape(double x, double amount)
{
    const double a = fmax(1e-6, amount), t = tanh(a);

    return t > 1e-6 ? tanh(x * a) / t : 0.0;
}

/* Renders on every row and compares with both channels of the definition. */
static inline void naive_compare(test_request q, const double *left, const double *right,
                                 double tolerance)
{
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        q.row = ps_kernel_row_name(r);
        test_sound s = test_render(&q);

        for (uint64_t i = 0; i < s.frames; i++) {
            const double l = fabs((double)s.left[i] - left[i]);
            const double e = fmax(l, fabs((double)s.right[i] - right[i]));

            if (!(e <= tolerance))
                fail_msg("%s on %s: frame %lu is off by %g: %s", q.function, q.row,
                         (unsigned long)i, e, q.params);
        }
        test_sound_free(&s);
    }
}

typedef void (*naive_model)(naive *n, double *left, double *right);

/* A voice with its defaults and with parameters by chance, in both forms. */
static inline void naive_check(const char *function, naive_model model, double tolerance)
{
    ps_voice_info info;

    assert_true(ps_voice_find(function, &info));
    for (uint32_t i = 0; i < 32; i++) {
        test_chance c = {ps_random_key(2, i), 0};
        const bool transition = i % 2 == 1;
        char *params = chance_params(&info, transition, &c, i < 2 ? 0.0 : 0.8, 1.0);
        test_request q = {.function = function,
                          .is_transition = transition,
                          .params = params,
                          .duration_sec = 0.2 + 0.4 * chance(&c),
                          .rate_hz = i % 3 == 0 ? 22050.0 : 44100.0};
        naive n;

        naive_open(&n, &q);
        double *left = naive_array(&n), *right = naive_array(&n);
        model(&n, left, right);
        naive_compare(q, left, right, tolerance);
        naive_close(&n);
        free(params);
    }
}

/* Long after its start a voice is as exact as at first. */
static inline void naive_check_late(const char *function, naive_model model, const char *params,
                                    double tolerance)
{
    for (int transition = 0; transition < 2; transition++) {
        const uint64_t frame = 6240u * PS_VOICE_FRAMES;
        test_request q = {.function = function,
                          .is_transition = transition,
                          .params = params,
                          .duration_sec = 200.0,
                          .rate_hz = 8000.0};
        naive n;

        naive_open(&n, &q);
        double *left = naive_array(&n), *right = naive_array(&n);
        model(&n, left, right);
        for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
            test_voice v;

            q.row = ps_kernel_row_name(r);
            test_voice_open(&v, &q);
            ps_voice_skip(v.voice, frame);
            test_sound s = test_voice_rest(&v);
            for (uint64_t i = 0; i < s.frames; i++) {
                assert_true(fabs((double)s.left[i] - left[frame + i]) <= tolerance);
                assert_true(fabs((double)s.right[i] - right[frame + i]) <= tolerance);
            }
            test_sound_free(&s);
            test_voice_free(&v);
        }
        naive_close(&n);
    }
}

/* Check values of a clip of a second at 44100 Hz. */
static inline void naive_check_points(const char *function, bool is_transition, const char *params,
                                      const test_point *points, size_t count)
{
    check_points((test_request){.function = function,
                                .is_transition = is_transition,
                                .params = params,
                                .duration_sec = 1.0,
                                .rate_hz = 44100.0},
                 points, count, 2e-6);
}

#endif
