/*
 * Convolution against the direct sum in double: every number of channels, with and without latency,
 * lengths of responses around every border between direct taps and blocks, odd cuts.
 */
#include "support.h"

#include <math.h>

#include "base/random.h"
#include "dsp/convolve.h"
#include "plainsong/engine.h"

#define CELL PS_CONVOLVE_CELL

static float at_random(uint64_t seed, uint64_t i)
{
    return (float)((double)(int64_t)ps_random_bits(seed, i) * 0x1p-63);
}

typedef struct room {
    ps_response response;
    float *taps[4];
} room;

/* Decaying noise; every third kind has a gap of silence longer than a block. */
static room make_room(uint32_t channels, uint32_t frames)
{
    room r = {.response = {channels, frames, {NULL}}};

    for (uint32_t c = 0; c < channels; c++) {
        r.taps[c] = calloc(frames, sizeof(float));
        for (uint32_t i = 0; i < frames; i++)
            r.taps[c][i] = at_random(77 + c, i) * (float)exp(-3.0 * i / frames);
        for (uint32_t i = 3000; i < 9000 && i < frames; i++)
            r.taps[c][i] = 0.0f;
        r.response.samples[c] = r.taps[c];
    }
    return r;
}

static void free_room(room *r)
{
    for (uint32_t c = 0; c < 4; c++)
        free(r->taps[c]);
}

/* One output sample by the definition. */
static double direct(const room *r, float *const in[2], uint32_t side, uint32_t frame)
{
    double sum = 0.0;

    for (uint32_t from = 0; from < 2; from++) {
        const uint32_t channels = r->response.channels;
        const uint32_t which = channels == 4 ? 2 * from + side : channels == 2 ? side : 0;

        if (channels != 4 && from != side)
            continue;
        for (uint32_t k = 0; k < r->response.frames && k <= frame; k++)
            sum += (double)r->taps[which][k] * (double)in[from][frame - k];
    }
    return sum;
}

static void run(ps_convolve *c, float *const in[2], float *out[2], uint32_t frames, uint32_t size)
{
    uint32_t noise = 5;

    for (uint32_t done = 0; done < frames;) {
        uint32_t count = size;

        if (size == 0) {
            noise = noise * 1664525u + 1013904223u;
            count = 1 + (noise >> 8) % CELL;
        }
        if (count > CELL - done % CELL)
            count = CELL - done % CELL;
        if (count > frames - done)
            count = frames - done;
        ps_convolve_process(c, in[0] + done, in[1] + done, out[0] + done, out[1] + done, count);
        done += count;
    }
}

static float *signal(uint32_t frames, uint64_t seed)
{
    float *samples = calloc(frames, sizeof(float));

    for (uint32_t i = 0; samples && seed && i < frames; i++)
        samples[i] = at_random(seed, i);
    assert_non_null(samples);
    return samples;
}

/* Largest error relative to the largest sample, at some hundred frames. */
static void check(uint32_t channels, uint32_t taps, uint32_t frames, bool at_once, uint32_t block,
                  const char *row)
{
    room r = make_room(channels, taps);
    ps_convolve_plan *plan;
    ps_convolve *c;
    double worst = 0.0, loudest = 0.0;

    assert_int_equal(ps_convolve_plan_create(&plan, &r.response, at_once, block, row, NULL, NULL),
                     PS_OK);
    assert_int_equal(ps_convolve_create(&c, plan, NULL, NULL), PS_OK);
    const uint32_t late = ps_convolve_latency(plan), all = frames + late;
    assert_true(at_once ? late == 0 : late >= CELL);
    float *const in[2] = {signal(all, 1), signal(all, 2)};
    float *out[2] = {signal(all, 0), signal(all, 0)};
    run(c, in, out, all, 0);
    for (uint32_t i = 0; i < late; i++)
        assert_true(fabsf(out[0][i]) < 1e-4f && fabsf(out[1][i]) < 1e-4f);
    for (uint32_t i = 0; i < frames; i += i < 600 || frames < 2000 ? 13 : frames / 97) {
        for (uint32_t side = 0; side < 2; side++) {
            const double wanted = direct(&r, in, side, i);

            loudest = fmax(loudest, fabs(wanted));
            worst = fmax(worst, fabs(wanted - (double)out[side][i + late]));
        }
    }
    if (worst > 2e-6 * fmax(loudest, 1.0))
        fail_msg("%u channels, %u taps, %s %u, %s: off by %g of %g", channels, taps,
                 at_once ? "at once" : "late", block, row, worst, loudest);
    /* The same once more in other cuts, after a reset. */
    float *again[2] = {signal(all, 0), signal(all, 0)};
    ps_convolve_reset(c);
    run(c, in, again, all, CELL);
    assert_memory_equal(again[0], out[0], all * sizeof(float));
    assert_memory_equal(again[1], out[1], all * sizeof(float));
    for (uint32_t side = 0; side < 2; side++) {
        free(in[side]);
        free(out[side]);
        free(again[side]);
    }
    ps_convolve_destroy(c);
    ps_convolve_plan_destroy(plan);
    free_room(&r);
}

static void without_latency_it_is_the_direct_sum(void **state)
{
    const uint32_t taps[] = {1, 2, 255, 256, 257, 4095, 4096, 4097, 6000, 32768, 32769, 60000};
    const uint32_t channels[] = {1, 2, 4};

    (void)state;
    for (size_t i = 0; i < sizeof taps / sizeof taps[0]; i++)
        for (size_t k = 0; k < 3; k++)
            check(channels[k], taps[i], taps[i] + 7001, true, 0, "c");
}

static void late_it_is_the_direct_sum(void **state)
{
    const uint32_t taps[] = {1, 257, 4410, 40000}, blocks[] = {0, 256, 1024, 8192};
    const uint32_t channels[] = {1, 2, 4};

    (void)state;
    for (size_t i = 0; i < sizeof taps / sizeof taps[0]; i++)
        for (size_t k = 0; k < 3; k++)
            for (size_t b = 0; b < 4; b++)
                check(channels[k], taps[i], taps[i] / 2 + 3001, false, blocks[b], "c");
}

static void every_instruction_set_does_it(void **state)
{
    (void)state;
    for (uint32_t i = 1; ps_kernel_row_name(i); i++) {
        const char *row = ps_kernel_row_name(i);

        check(1, 40000, 50001, true, 0, row);
        check(4, 40000, 50001, true, 0, row);
        check(1, 4410, 20001, false, 0, row);
        check(2, 4410, 20001, false, 0, row);
        check(4, 132300, 9001, false, 0, row);
    }
}

static void what_is_no_response_is_refused(void **state)
{
    const float taps[4] = {1.0f};
    ps_response r = {3, 4, {taps, taps, taps, taps}};
    ps_convolve_plan *plan = NULL;
    ps_error err;

    (void)state;
    assert_int_equal(ps_convolve_plan_create(&plan, &r, true, 0, "c", NULL, &err), PS_BAD_ARGUMENT);
    assert_string_equal(err.text, "a response of 3 channels: 1, 2 or 4 are understood");
    r.channels = 1;
    r.frames = 0;
    assert_int_equal(ps_convolve_plan_create(&plan, &r, true, 0, "c", NULL, &err), PS_BAD_ARGUMENT);
    r.frames = 4;
    assert_int_equal(ps_convolve_plan_create(&plan, &r, false, 300, "c", NULL, &err),
                     PS_BAD_ARGUMENT);
    assert_null(plan);
}

static void a_failing_allocation_gives_everything_back(void **state)
{
    room r = make_room(2, 40000);

    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator f;
        ps_convolve_plan *plan = NULL;
        ps_convolve *c = NULL;

        failing_init(&f, allowed);
        ps_status status = ps_convolve_plan_create(&plan, &r.response, true, 0, "c", &f.base, NULL);
        if (status == PS_OK)
            status = ps_convolve_create(&c, plan, &f.base, NULL);
        ps_convolve_destroy(c);
        ps_convolve_plan_destroy(plan);
        assert_int_equal(f.live, 0);
        if (status == PS_OK)
            break;
        assert_int_equal(status, PS_NO_MEMORY);
    }
    free_room(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_latency_it_is_the_direct_sum),
        cmocka_unit_test(late_it_is_the_direct_sum),
        cmocka_unit_test(every_instruction_set_does_it),
        cmocka_unit_test(what_is_no_response_is_refused),
        cmocka_unit_test(a_failing_allocation_gives_everything_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
