/*
 * Interpolated modulators, and the tables of steady ones, against the formulas.
 */
#include <math.h>

#include "support.h"

#include "base/random.h"
#include "voice/slow.h"

#define PI 3.14159265358979323846

enum { RUN = PS_VOICE_FRAMES };

static uint64_t drawn;

static double chance(double low, double high)
{
    const double share = (double)(ps_random_bits(6, drawn++) >> 11) * 0x1p-53;

    return low + (high - low) * share;
}

static ps_wobble wobble_of(double hz, double phase_rad, double rate_hz)
{
    const ps_setting speed = {.start = hz, .end = hz};
    const ps_setting offset = {.start = phase_rad, .end = phase_rad};
    ps_wobble w;

    ps_wobble_init(&w, &speed, &offset, 1.0 / rate_hz);
    return w;
}

/* A wobble's phase in cycles, in full. */
static double phase_at(const ps_wobble *w, uint64_t frame)
{
    return (double)(w->phase + frame * w->step) * 0x1p-64;
}

static void turned_sines_are_sines(void **state)
{
    static float cosine[RUN], sine[RUN];

    (void)state;
    for (uint32_t i = 0; i < 50; i++) {
        const ps_wobble w = wobble_of(chance(-60.0, 60.0), chance(-4.0, 4.0), 44100.0);
        const uint64_t first = (uint64_t)chance(0.0, 1e12);
        const uint32_t frames = i % 2 == 0 ? 1 : PS_SLOW_STRIDE;
        const float scale = (float)chance(-2.0, 2.0);

        ps_turn_tables(cosine, sine, &w, frames, RUN);
        const ps_turn turn = ps_turn_scaled(ps_turn_from(&w, first), scale);
        for (uint32_t k = 0; k < RUN; k++) {
            const double right =
                0.5 + (double)scale * sin(2.0 * PI * phase_at(&w, first + (uint64_t)k * frames));

            assert_true(fabs((double)ps_turned(turn, cosine, sine, k, 0.5f) - right) < 4e-7);
        }
    }
}

/* Frames from a frame to the nearest zero. */
static double to_zero(const ps_wobble *w, uint64_t frame)
{
    const double halves = 2.0 * phase_at(w, frame);
    const double off = fabs(halves - rint(halves));

    return off / (2.0 * fabs((double)(int64_t)w->step * 0x1p-64));
}

static void a_zero_that_is_near_is_told(void **state)
{
    uint32_t near = 0, far = 0;

    (void)state;
    for (uint32_t i = 0; i < 2000; i++) {
        const ps_wobble w = wobble_of(chance(-50.0, 50.0), chance(-4.0, 4.0), 44100.0);
        const uint64_t first = (uint64_t)chance(0.0, 1e9);
        const uint32_t count = (uint32_t)chance(1.0, 256.0), apart = (uint32_t)chance(1.0, 300.0);
        const bool told = ps_wobble_nears_zero(&w, first, count, apart);
        double nearest = 1e9;

        for (uint32_t k = 0; k < count; k++)
            nearest = fmin(nearest, to_zero(&w, first + k));
        if (nearest < apart - 1e-3)
            assert_true(told);
        if (told)
            assert_true(nearest < apart + 1.01); /* count takes in one frame more */
        near += told;
        far += !told;
    }
    assert_true(near > 200 && far > 200);
}

static void a_step_of_half_a_cycle_nears_zeros(void **state)
{
    ps_wobble w = wobble_of(0.0, 0.3, 44100.0);

    (void)state;
    assert_false(ps_wobble_nears_zero(&w, 1000, 256, 300)); /* it stands still */
    w.step = UINT64_C(1) << 63;
    assert_true(ps_wobble_nears_zero(&w, 1000, 1, 1));
    w.step--;
    assert_true(ps_wobble_nears_zero(&w, 1000, 256, 65535));
}

typedef struct pair {
    ps_wobble one, two;
    double depth, power, depth2; /* power 0: a plain sine */
} pair;

/* (1 + depth sign(s) |s|^power) (1 + depth2 s2) */
static double pair_at(const pair *p, uint64_t frame)
{
    const double s = sin(2.0 * PI * phase_at(&p->one, frame));
    const double bent = p->power == 0.0 ? s : copysign(pow(fabs(s), p->power), s);

    return (1.0 + p->depth * bent) * (1.0 + p->depth2 * sin(2.0 * PI * phase_at(&p->two, frame)));
}

static ps_taylor pair_taylor(const pair *p, double apart)
{
    const double step = fabs((double)(int64_t)p->one.step * 0x1p-64) * 2.0 * PI;
    const double step2 = fabs((double)(int64_t)p->two.step * 0x1p-64) * 2.0 * PI;
    const ps_taylor first = p->power == 0.0
                                ? ps_taylor_tremolo(p->depth, step)
                                : ps_taylor_bent(p->depth, step, p->power, apart * step);

    return ps_taylor_product(first, ps_taylor_tremolo(p->depth2, step2));
}

static void what_is_slow_can_be_interpolated(void **state)
{
    uint32_t slow = 0, tried = 0;

    (void)state;
    for (uint32_t i = 0; i < 400; i++) {
        const double rate_hz = i % 3 == 0 ? 8000.0 : 44100.0;
        const pair p = {wobble_of(chance(-20.0, 20.0), chance(-4.0, 4.0), rate_hz),
                        wobble_of(chance(-20.0, 20.0), chance(-4.0, 4.0), rate_hz),
                        chance(0.0, 1.0), i % 2 == 0 ? 0.0 : chance(0.2, 3.0), chance(0.0, 1.0)};
        const uint64_t first = (uint64_t)chance(0.0, 1e9);
        const double apart = chance(20.0, 300.0);
        const double quarter = 0x1p62 / fabs((double)(int64_t)p.one.step);
        float nodes[PS_SLOW_NODES], out[RUN];

        if (p.power != 0.0 && apart >= quarter)
            continue;
        tried++;
        const ps_taylor taylor = pair_taylor(&p, apart);
        if (!ps_is_slow(&taylor))
            continue;
        slow++;
        for (uint32_t k = 0; k < PS_SLOW_NODES; k++)
            nodes[k] = (float)pair_at(&p, first + PS_SLOW_STRIDE * k - PS_SLOW_STRIDE);
        ps_slow_fill(out, nodes);
        for (uint32_t k = 0; k < RUN; k++) {
            const double right = pair_at(&p, first + k);

            if (p.power != 0.0 && to_zero(&p.one, first + k) < apart + PS_SLOW_REACH)
                continue;
            assert_true(fabs((double)out[k] - right) < PS_SLOW_ERROR + 4e-7);
        }
    }
    assert_true(slow > tried / 4 && slow < tried);
}

/* Where a wave is as fast as can be, interpolation misses by as much as is said, not by more. */
static void the_error_is_no_larger_than_said(void **state)
{
    double worst = 0.0;

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        const pair p = {wobble_of(600.0, chance(-4.0, 4.0), 44100.0), wobble_of(0.0, 0.0, 44100.0),
                        1.0, 0.0, 0.0};
        const ps_taylor taylor = pair_taylor(&p, 1.0);
        const double said = 2304.0 * taylor.of[4];
        float nodes[PS_SLOW_NODES], out[RUN];

        for (uint32_t k = 0; k < PS_SLOW_NODES; k++)
            nodes[k] = (float)pair_at(&p, 1000 + PS_SLOW_STRIDE * k - PS_SLOW_STRIDE);
        ps_slow_fill(out, nodes);
        for (uint32_t k = 0; k < RUN; k++)
            worst = fmax(worst, fabs((double)out[k] - pair_at(&p, 1000 + k)) / said);
    }
    assert_true(worst > 0.8 && worst < 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_sines_are_sines),
        cmocka_unit_test(a_zero_that_is_near_is_told),
        cmocka_unit_test(a_step_of_half_a_cycle_nears_zeros),
        cmocka_unit_test(what_is_slow_can_be_interpolated),
        cmocka_unit_test(the_error_is_no_larger_than_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
