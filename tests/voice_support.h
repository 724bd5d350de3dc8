/*
 * Voices for tests: made of a function's name and its parameters as JSON text, rendered whole, and
 * the questions that every voice is asked.
 */
#ifndef TESTS_VOICE_SUPPORT_H
#define TESTS_VOICE_SUPPORT_H

#include "support.h"

#include <jansson.h>
#include <math.h>

#include "base/random.h"
#include "plainsong/engine.h"
#include "voice/setup.h"

/* ---- JSON text as a ps_value; its texts and names belong to the json_t ----------------------- */

static inline void value_free(ps_value *value)
{
    for (size_t i = 0; i < value->count; i++)
        value_free((ps_value *)&value->members[i]);
    free((void *)value->members);
    free((void *)value->names);
    memset(value, 0, sizeof *value);
}

static inline ps_value value_of(const json_t *json)
{
    ps_value value = {.kind = PS_VALUE_NULL};
    const char *name;
    json_t *member;
    size_t i = 0;

    if (json_is_boolean(json))
        value = (ps_value){.kind = PS_VALUE_FLAG, .number = json_is_true(json)};
    else if (json_is_number(json))
        value = (ps_value){.kind = PS_VALUE_NUMBER, .number = json_number_value(json)};
    else if (json_is_string(json))
        value = (ps_value){.kind = PS_VALUE_TEXT, .text = json_string_value(json)};
    else if (json_is_object(json) || json_is_array(json)) {
        const size_t count = json_is_array(json) ? json_array_size(json) : json_object_size(json);
        ps_value *members = calloc(count + 1, sizeof *members);
        const char **names = calloc(count + 1, sizeof *names);

        value = (ps_value){.kind = json_is_array(json) ? PS_VALUE_LIST : PS_VALUE_MAP,
                           .count = count,
                           .members = members,
                           .names = names};
        if (json_is_array(json))
            for (i = 0; i < count; i++)
                members[i] = value_of(json_array_get(json, i));
        else
            json_object_foreach((json_t *)json, name, member)
            {
                names[i] = name;
                members[i++] = value_of(member);
            }
    }
    return value;
}

/* JSON text that lives as long as its value. */
typedef struct test_params {
    json_t *json;
    ps_value value;
} test_params;

static inline void test_params_read(test_params *p, const char *text)
{
    p->json = json_loads(text, 0, NULL);
    assert_non_null(p->json);
    p->value = value_of(p->json);
}

static inline void test_params_free(test_params *p)
{
    value_free(&p->value);
    json_decref(p->json);
}

/* What stands around a stage behind a voice: a step of so many frames. */
static inline ps_voice_setup setup_of_step(double rate_hz, uint64_t frames,
                                           const ps_allocator *allocator)
{
    return (ps_voice_setup){
        .allocator = allocator,
        .rate_hz = rate_hz,
        .duration_sec = (double)frames / rate_hz,
        .frames = frames,
        .frame_sec = 1.0 / rate_hz,
    };
}

/* ---- One voice with everything it stands on -------------------------------------------------- */

typedef struct test_voice {
    json_t *json;
    ps_value params;
    ps_voice_setup setup;
    ps_voice *voice;
} test_voice;

/* What a voice is made with; what is not set has the defaults of test_voice_make. */
typedef struct test_request {
    const char *function;
    bool is_transition;
    const char *params; /* JSON; NULL: {} */
    double duration_sec, rate_hz;
    const char *row; /* NULL: "c" */
    uint64_t seed;
    bool reference;
    const ps_track_media *media;
    const ps_warnings *warnings;
    const ps_allocator *allocator;
} test_request;

/* Gives back everything; a voice that could not be made is zeros. */
static inline void test_voice_free(test_voice *v)
{
    ps_voice_destroy(v->voice);
    ps_voice_setup_free(&v->setup);
    value_free(&v->params);
    json_decref(v->json);
    memset(v, 0, sizeof *v);
}

/* Makes a voice, leaving zeros on failure. v must not be moved afterwards. `name` (NULL allowed)
   receives the parameter that was wrong, cut to 95 bytes. */
static inline ps_status test_voice_try(test_voice *v, const test_request *q, char *name,
                                       ps_error *err)
{
    const ps_voice_row *row = ps_voice_row_find(q->row ? q->row : "c");
    const char *wrong = NULL;
    bool transition = false;
    json_error_t why;
    ps_status status;

    memset(v, 0, sizeof *v);
    const char *text = q->params ? q->params : "{}";
    v->json = json_loads(text, JSON_ALLOW_NUL, &why);
    if (!v->json)
        fail_msg("bad JSON in a test: %s at %d: %s", why.text, why.position, text);
    v->params = value_of(v->json);
    const ps_voice_kind *kind = ps_voice_resolve(row, q->function, q->is_transition, &transition);
    if (!kind)
        fail_msg("no voice %s", q->function);
    v->setup = (ps_voice_setup){
        .allocator = q->allocator,
        .rate_hz = q->rate_hz,
        .duration_sec = q->duration_sec,
        .reference = q->reference,
        .seed = q->seed,
        .media = q->media,
        .warnings = q->warnings,
    };
    status = ps_voice_setup_read(&v->setup, kind, transition, &v->params, &wrong, err);
    if (name)
        snprintf(name, 96, "%s", wrong ? wrong : "");
    if (status == PS_OK)
        status = ps_voice_create(&v->voice, kind, &v->setup, err);
    if (status != PS_OK)
        test_voice_free(v);
    return status;
}

/* The same, for a voice that must work. */
static inline void test_voice_open(test_voice *v, const test_request *q)
{
    ps_error err = {0};
    const ps_status status = test_voice_try(v, q, NULL, &err);

    if (status != PS_OK)
        fail_msg("%s: %s: %s", q->function, ps_status_text(status), err.text);
}

static inline void test_voice_make(test_voice *v, const char *function, bool is_transition,
                                   const char *params, double duration_sec, double rate_hz,
                                   const char *row, uint64_t seed)
{
    test_voice_open(v, &(test_request){.function = function,
                                       .is_transition = is_transition,
                                       .params = params,
                                       .duration_sec = duration_sec,
                                       .rate_hz = rate_hz,
                                       .row = row,
                                       .seed = seed});
}

/* ---- Rendering ------------------------------------------------------------------------------- */

typedef struct test_sound {
    float *left, *right;
    uint64_t frames;
} test_sound;

static inline void test_sound_free(test_sound *s)
{
    free(s->left);
    free(s->right);
    memset(s, 0, sizeof *s);
}

/* From the voice's next run to its end. */
static inline test_sound test_voice_rest(test_voice *v)
{
    _Alignas(PS_ALIGN_BYTES) float left[PS_VOICE_FRAMES], right[PS_VOICE_FRAMES];
    const uint64_t first = v->voice->frame, frames = v->setup.frames - first;
    test_sound s = {calloc(frames + 1, sizeof(float)), calloc(frames + 1, sizeof(float)), frames};

    for (uint64_t at = 0; at < frames; at += PS_VOICE_FRAMES) {
        const uint32_t count =
            (uint32_t)(frames - at < PS_VOICE_FRAMES ? frames - at : PS_VOICE_FRAMES);

        ps_voice_render(v->voice, left, right, count);
        memcpy(s.left + at, left, count * sizeof *left);
        memcpy(s.right + at, right, count * sizeof *right);
    }
    return s;
}

/* A whole voice. */
static inline test_sound test_render(const test_request *q)
{
    test_voice v;
    test_sound s;

    test_voice_open(&v, q);
    s = test_voice_rest(&v);
    test_voice_free(&v);
    return s;
}

static inline double test_peak(const test_sound *s)
{
    double peak = 0.0;

    for (uint64_t i = 0; i < s->frames; i++)
        peak = fmax(peak, fmax(fabs((double)s->left[i]), fabs((double)s->right[i])));
    return peak;
}

/* The largest difference of a sample; INFINITY when something is not finite. */
static inline double test_difference(const test_sound *a, const test_sound *b)
{
    double worst = 0.0;

    assert_int_equal(a->frames, b->frames);
    for (uint64_t i = 0; i < a->frames; i++) {
        const double l = fabs((double)a->left[i] - (double)b->left[i]);
        const double r = fabs((double)a->right[i] - (double)b->right[i]);

        if (!isfinite(l) || !isfinite(r))
            return (double)INFINITY;
        worst = fmax(worst, fmax(l, r));
    }
    return worst;
}

/* ---- Check values, as the specification lists them ------------------------------------------- */

typedef struct test_point {
    uint64_t frame;
    double left, right;
} test_point;

/* Renders on every row and compares some samples. */
static inline void check_points(test_request q, const test_point *points, size_t count,
                                double tolerance)
{
    for (uint32_t i = 0; ps_kernel_row_name(i); i++) {
        q.row = ps_kernel_row_name(i);
        test_sound s = test_render(&q);

        for (size_t p = 0; p < count; p++) {
            const double l = (double)s.left[points[p].frame], r = (double)s.right[points[p].frame];

            if (!(fabs(l - points[p].left) <= tolerance && fabs(r - points[p].right) <= tolerance))
                fail_msg("%s on %s: frame %lu is %.8f, %.8f instead of %.7f, %.7f", q.function,
                         q.row, (unsigned long)points[p].frame, l, r, points[p].left,
                         points[p].right);
        }
        test_sound_free(&s);
    }
}

/* ---- Parameters by chance -------------------------------------------------------------------- */

typedef struct test_chance {
    uint64_t key, index;
} test_chance;

/* 0 up to 1. */
static inline double chance(test_chance *c)
{
    return (double)(ps_random_bits(c->key, c->index++) >> 11) * 0x1p-53;
}

static inline void chance_json(json_t *params, const ps_parameter *row, const char *name,
                               test_chance *c, double wildness)
{
    const double x = row->low + (row->high - row->low) * chance(c);
    const char *word = row->choices ? row->choices : "";

    switch (row->kind) {
    case PS_PARAMETER_NUMBER:
        json_object_set_new(params, name, json_real(x * wildness));
        break;
    case PS_PARAMETER_FLAG:
    case PS_PARAMETER_SWITCH:
        json_object_set_new(params, name, json_integer(chance(c) < 0.5));
        break;
    case PS_PARAMETER_TEXT:
        for (uint32_t skip = (uint32_t)(chance(c) * 4.0); skip > 0 && strchr(word, ' '); skip--)
            word = strchr(word, ' ') + 1;
        json_object_set_new(params, name, json_stringn(word, strcspn(word, " ")));
        break;
    case PS_PARAMETER_VALUE:
        break;
    }
}

/*
 * Parameters from a voice's table: each row is there with the probability `share`, a number
 * somewhere in its range times `wildness`; for a transition its start and end too, and a curve.
 * free() the text.
 */
static inline char *chance_params(const ps_voice_info *info, bool transition, test_chance *c,
                                  double share, double wildness)
{
    static const char *const curves[] = {"linear", "logarithmic", "exponential",
                                         "0.5-0.5*np.cos(np.pi*alpha)"};
    json_t *params = json_object();
    char name[96];

    for (uint32_t i = 0; i < info->parameter_count; i++) {
        const ps_parameter *row = &info->parameters[i];

        if (chance(c) >= share)
            continue;
        chance_json(params, row, row->name, c, wildness);
        if (!transition || row->glide == PS_GLIDE_NONE || row->glide == PS_GLIDE_ABSENT ||
            row->glide == PS_GLIDE_ONLY)
            continue;
        ps_parameter_name(name, sizeof name, "start", row->name);
        chance_json(params, row, row->start ? row->start : name, c, wildness);
        ps_parameter_name(name, sizeof name, "end", row->name);
        chance_json(params, row, row->end ? row->end : name, c, wildness);
    }
    if (transition) {
        json_object_set_new(params, "transition_curve",
                            json_string(curves[(uint32_t)(chance(c) * 4.0)]));
        json_object_set_new(params, "initial_offset", json_real(chance(c) * 0.2));
        if (chance(c) < 0.7)
            json_object_set_new(params, "transition_duration", json_real(chance(c)));
    }
    char *text = json_dumps(params, JSON_REAL_PRECISION(17));
    json_decref(params);
    return text;
}

/* ---- What every voice must do ---------------------------------------------------------------- */

static inline bool same_bits(const float *a, const float *b, uint64_t count)
{
    return memcmp(a, b, count * sizeof *a) == 0;
}

/* Skipping leads to the very samples that rendering leads to, on every row. */
static inline void check_skipping(test_request q)
{
    for (uint32_t i = 0; ps_kernel_row_name(i); i++) {
        q.row = ps_kernel_row_name(i);
        test_sound whole = test_render(&q);
        const uint64_t runs = whole.frames / PS_VOICE_FRAMES;
        const uint64_t targets[] = {1, runs / 3, runs / 2 + 1, runs};

        for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
            const uint64_t frame = targets[t] * PS_VOICE_FRAMES;
            test_voice v;

            if (targets[t] > runs)
                continue;
            test_voice_open(&v, &q);
            if (t % 2 == 1) { /* in two goes, with a run in between */
                ps_voice_skip(v.voice, targets[t] / 2 * PS_VOICE_FRAMES);
                if (v.voice->frame < frame) {
                    _Alignas(PS_ALIGN_BYTES) float left[PS_VOICE_FRAMES], right[PS_VOICE_FRAMES];

                    ps_voice_render(v.voice, left, right, PS_VOICE_FRAMES);
                }
            }
            ps_voice_skip(v.voice, frame);
            test_sound rest = test_voice_rest(&v);
            if (!same_bits(rest.left, whole.left + frame, rest.frames) ||
                !same_bits(rest.right, whole.right + frame, rest.frames))
                fail_msg("%s on %s: not the same after skipping to %lu: %s", q.function, q.row,
                         (unsigned long)frame, q.params);
            test_sound_free(&rest);
            test_voice_free(&v);
        }
        test_sound_free(&whole);
    }
}

/* All rows agree with plain C, as far as the sound's size lets them. */
static inline void check_rows(test_request q, double tolerance)
{
    q.row = "c";
    test_sound right = test_render(&q);

    for (uint32_t i = 1; ps_kernel_row_name(i); i++) {
        q.row = ps_kernel_row_name(i);
        test_sound s = test_render(&q);
        const double difference = test_difference(&s, &right);

        if (!(difference <= tolerance))
            fail_msg("%s on %s differs from plain C by %g: %s", q.function, q.row, difference,
                     q.params);
        test_sound_free(&s);
    }
    test_sound_free(&right);
}

/* Samples are finite, and none is larger than bound() says. */
static inline void check_bound(test_request q)
{
    for (uint32_t i = 0; ps_kernel_row_name(i); i++) {
        test_voice v;

        q.row = ps_kernel_row_name(i);
        test_voice_open(&v, &q);
        const double bound = v.voice->kind->bound(v.voice);
        test_sound s = test_voice_rest(&v);
        for (uint64_t f = 0; f < s.frames; f++) {
            const double largest = fmax(fabs((double)s.left[f]), fabs((double)s.right[f]));

            if (!isfinite(s.left[f]) || !isfinite(s.right[f]) || !(largest <= bound))
                fail_msg("%s on %s: frame %lu is %g, %g, the bound %g: %s", q.function, q.row,
                         (unsigned long)f, (double)s.left[f], (double)s.right[f], bound, q.params);
        }
        test_sound_free(&s);
        test_voice_free(&v);
    }
}

/* Whatever allocation fails, the voice says so and everything comes back. */
static inline void check_failing_allocations(test_request q)
{
    for (long allowed = 0;; allowed++) {
        failing_allocator heap;
        test_voice v;
        ps_error err = {0};

        failing_init(&heap, allowed);
        q.allocator = &heap.base;
        const ps_status status = test_voice_try(&v, &q, NULL, &err);
        if (status == PS_OK)
            test_voice_free(&v);
        assert_int_equal(heap.live, 0);
        if (status == PS_OK)
            return;
        assert_int_equal(status, PS_NO_MEMORY);
        assert_true(err.text[0] != '\0');
        assert_true(allowed < 100);
    }
}

/* Whether a voice of these parameters can be made; what cannot must say why. */
static inline bool can_be_made(const test_request *q)
{
    ps_error err = {0};
    test_voice v;
    const ps_status status = test_voice_try(&v, q, NULL, &err);

    if (status == PS_OK)
        test_voice_free(&v);
    else
        assert_true((status == PS_BAD_DATA || status == PS_UNSUPPORTED) && err.text[0] != '\0');
    return status == PS_OK;
}

/*
 * All of these, for both forms of a voice with parameters by chance, and with numbers up to 1e300
 * times too large for bounds and skips.
 */
static inline void check_voice(const char *function, double rows_tolerance)
{
    static const double wildnesses[] = {1.0, 1.0, 1.0, 1.0, -1.0, 1e4, 1e12, -1e300};
    ps_voice_info info;
    uint32_t made = 0;

    assert_true(ps_voice_find(function, &info));
    const uint32_t count = (info.transition ? 2u : 1u) * 8u;
    for (uint32_t i = 0; i < count; i++) {
        test_chance c = {ps_random_key(1, i), 0};
        const bool transition = i >= 8;
        const double wildness = wildnesses[i % 8];
        char *params = chance_params(&info, transition, &c, i % 8 == 0 ? 0.0 : 0.8, wildness);
        test_request q = {.function = function,
                          .is_transition = transition,
                          .params = params,
                          .duration_sec = 0.1 + 0.3 * chance(&c),
                          .rate_hz = 22050.0,
                          .seed = i};

        if (can_be_made(&q)) {
            made++;
            check_skipping(q);
            check_bound(q);
            if (fabs(wildness) <= 1.0)
                check_rows(q, rows_tolerance);
            check_failing_allocations(q);
        }
        free(params);
    }
    assert_true(made >= count / 2);
}

#endif
