/* The tempo map against exact arithmetic in 128 bits. */
#include "midi_support.h"

#include <math.h>

#include "midi/tempo.h"

__extension__ typedef unsigned __int128 wide;

static uint32_t seed = 1;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * limit) >> 32);
}

/* A score of tempo changes at random distances, with their ticks and tempos. */
#define CHANGES 5000u

typedef struct piece {
    uint64_t ticks[CHANGES];
    uint32_t tempos[CHANGES];
    uint8_t data[CHANGES][3];
    ps_event events[CHANGES];
    ps_score *score;
} piece;

static void make_piece(piece *p, uint32_t ticks_per_quarter)
{
    uint64_t tick = 0;

    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < CHANGES; i++) {
        tick += random_below(6 * ticks_per_quarter);
        p->ticks[i] = tick;
        p->tempos[i] = 200000 + random_below(1200000);
        for (int b = 0; b < 3; b++)
            p->data[i][b] = (uint8_t)(p->tempos[i] >> (16 - 8 * b));
        p->events[i].tick = tick;
        p->events[i].kind = PS_EVENT_META;
        p->events[i].a = 0x51;
        p->events[i].data_bytes = 3;
        p->events[i].data = p->data[i];
    }
    assert_int_equal(ps_score_build(&p->score, p->events, CHANGES, ticks_per_quarter, NULL, NULL),
                     PS_OK);
}

/* By walking all changes up to the tick: no table, no division before the last step. */
static uint64_t exact_frame(const piece *p, uint64_t tick, uint32_t rate_hz,
                            uint32_t ticks_per_quarter)
{
    const wide per_sec = (wide)ticks_per_quarter * 1000000u;
    wide units = 0;
    uint64_t from = 0;
    uint32_t tempo = 500000;

    for (size_t i = 0; i < CHANGES && p->ticks[i] <= tick; i++) {
        units += (wide)(p->ticks[i] - from) * tempo;
        from = p->ticks[i];
        tempo = p->tempos[i];
    }
    units += (wide)(tick - from) * tempo;
    return (uint64_t)((2 * units * rate_hz + per_sec) / (2 * per_sec));
}

static void frames_of_hours_with_thousands_of_tempos_are_exact(void **state)
{
    static const uint32_t divisions[] = {1, 96, 480, 32767};
    static const uint32_t rates[] = {8000, 44100, 48000, 192000, 4294967295u};
    static piece p;

    (void)state;
    for (size_t d = 0; d < 4; d++) {
        uint64_t last;

        make_piece(&p, divisions[d]);
        last = p.ticks[CHANGES - 1] + 10 * divisions[d];
        assert_true(ps_score_seconds(p.score, last) > 2 * 3600.0);
        for (size_t i = 0; i < 400; i++) {
            const uint64_t tick =
                i < 200 ? p.ticks[random_below(CHANGES)] + i % 3 : last / 200 * (i - 199);

            for (size_t r = 0; r < 5; r++)
                assert_true(ps_score_frame(p.score, tick, rates[r]) ==
                            exact_frame(&p, tick, rates[r], divisions[d]));
        }
        ps_score_destroy(p.score);
    }
}

static void halves_of_frames_round_up(void **state)
{
    ps_score *score = NULL;

    (void)state;
    /* 480 ticks are half a second: at 480 Hz a tick is half a frame. */
    assert_int_equal(ps_score_build(&score, NULL, 0, 480, NULL, NULL), PS_OK);
    for (uint64_t tick = 0; tick < 100; tick++)
        assert_int_equal(ps_score_frame(score, tick, 480), (tick + 1) / 2);
    ps_score_destroy(score);
}

static void the_tick_of_a_time_is_the_last_not_after_it(void **state)
{
    static piece p;

    (void)state;
    make_piece(&p, 480);
    for (uint32_t i = 0; i < 300; i++) {
        const uint64_t tick = 1 + random_below((uint32_t)p.ticks[CHANGES - 1] + 5000);
        const double seconds = ps_score_seconds(p.score, tick);

        assert_int_equal(ps_score_tick(p.score, seconds), tick);
        assert_int_equal(ps_score_tick(p.score, seconds - 1e-7), tick - 1);
        assert_int_equal(ps_score_tick(p.score, seconds + 1e-7), tick);
    }
    assert_int_equal(ps_score_tick(p.score, -1.0), 0);
    assert_int_equal(ps_score_tick(p.score, (double)NAN), 0);
    ps_score_destroy(p.score);
}

static ps_score *read_division(uint8_t high, uint8_t low)
{
    uint8_t file[] = {'M', 'T', 'h', 'd', 0,  0, 0,    6,    0,    0, 0, 1, 0, 0,    'M',  'T', 'r',
                      'k', 0,   0,   0,   11, 0, 0xff, 0x51, 0x03, 1, 2, 3, 0, 0xff, 0x2f, 0};
    ps_score *score = NULL;

    file[12] = high;
    file[13] = low;
    assert_int_equal(ps_score_read(&score, file, sizeof file, NULL, NULL), PS_OK);
    return score;
}

static void smpte_ticks_are_parts_of_a_second_whatever_the_tempo(void **state)
{
    static const struct {
        uint8_t high, low;
        uint64_t ticks, frames; /* at 44100 Hz */
    } rows[] = {
        {0xe8, 4, 96 * 3600, 44100 * 3600},    /* 24 frames a second */
        {0xe7, 40, 1000 * 3600, 44100 * 3600}, /* 25: milliseconds */
        {0xe2, 80, 2400 * 3600, 44100 * 3600},
        {0xe3, 100, UINT64_C(30000) * 100 * 3600, UINT64_C(44100) * 3600 * 1001}, /* 29.97 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ps_score *score = read_division(rows[i].high, rows[i].low);
        ps_score_info info;

        ps_score_get_info(score, &info);
        assert_true(info.smpte);
        assert_int_equal(info.ticks_per_quarter, 0);
        assert_int_equal(ps_score_frame(score, rows[i].ticks, 44100), rows[i].frames);
        ps_score_destroy(score);
    }
}

static void scaling_is_exact_where_products_need_more_than_64_bits(void **state)
{
    (void)state;
    for (int i = 0; i < 2000; i++) {
        const uint64_t value =
            ((uint64_t)random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX)) >>
            random_below(64);
        const uint64_t numerator =
            ((uint64_t)random_below(UINT32_MAX) << 31 | 1) >> random_below(60);
        const uint64_t denominator =
            1 + (((uint64_t)random_below(UINT32_MAX) << 30) >> random_below(62));
        const wide exact = (2 * ((wide)value * numerator % denominator) >= denominator) +
                           (wide)value * numerator / denominator;

        assert_true(ps_scale_u64(value, numerator, denominator) ==
                    (exact > UINT64_MAX ? UINT64_MAX : (uint64_t)exact));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_hours_with_thousands_of_tempos_are_exact),
        cmocka_unit_test(halves_of_frames_round_up),
        cmocka_unit_test(the_tick_of_a_time_is_the_last_not_after_it),
        cmocka_unit_test(smpte_ticks_are_parts_of_a_second_whatever_the_tempo),
        cmocka_unit_test(scaling_is_exact_where_products_need_more_than_64_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
