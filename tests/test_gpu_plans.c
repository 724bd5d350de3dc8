/* What is decided about jobs from their sizes: how they are cut, and whether they are taken. */
#define _GNU_SOURCE
#include "gpu_support.h"

#include "../edge/gpu/blocks.h"
#include "../edge/gpu/cost.h"
#include "../edge/gpu/digest.h"
#include "../edge/gpu/disk_cache.h"
#include "../edge/gpu/measure.h"
#include "failing_heap.h"

/* ---- Cutting --------------------------------------------------------------------------------- */

#define CHANNELS_MOST 6u

typedef struct cutting {
    ps_convolution job;
    float *numbers; /* of all channels, to tell places by */
    const float *in[CHANNELS_MOST];
    float *out[CHANNELS_MOST];
    uint32_t places[CHANNELS_MOST];
    uint64_t seen[CHANNELS_MOST]; /* results so far */
} cutting;

static void begin(cutting *c, uint32_t channels, uint32_t responses, uint64_t in_frames,
                  uint64_t response_frames, uint64_t out_frames)
{
    const uint64_t frames = in_frames + out_frames;

    memset(c, 0, sizeof *c);
    c->numbers = malloc(channels * frames * sizeof(float) + 1);
    c->job = (ps_convolution){.in = c->in,
                              .out = c->out,
                              .in_frames = in_frames,
                              .out_frames = out_frames,
                              .response_frames = response_frames,
                              .channels = channels,
                              .responses = responses};
    for (uint32_t i = 0; i < channels; i++) {
        c->in[i] = c->numbers + i * frames;
        c->out[i] = c->numbers + i * frames + in_frames;
    }
    for (uint32_t i = 0; i < CHANNELS_MOST; i++)
        c->places[i] = 1000 + i;
}

/* The channel whose results a segment holds. */
static uint32_t channel_of(const cutting *c, const ps_gpu_segment *s)
{
    for (uint32_t i = 0; i < c->job.channels; i++)
        if (s->to >= c->out[i] && s->to <= c->out[i] + c->job.out_frames)
            return i;
    fail_msg("a segment belongs to no channel");
    return 0;
}

/* The rows that lie in a segment's part of the buffers read and write what they should. */
static void check_rows(const cutting *c, const ps_blocks *b, const ps_gpu_chunk *chunk,
                       const ps_gpu_segment *s, uint32_t channel)
{
    const int64_t first = s->to - c->out[channel], from = s->up ? s->from - c->in[channel] : 0;
    uint64_t results = 0;

    for (uint32_t i = 0; i < chunk->row_count; i++) {
        const ps_gpu_row *row = &chunk->rows[i];
        const int64_t result = first + row->out - (int64_t)s->out_at;

        if (row->out < (int32_t)s->out_at || row->out >= (int32_t)(s->out_at + s->down))
            continue;
        results += (uint64_t)row->count;
        assert_int_equal(row->skip, c->job.response_frames - 1);
        assert_int_equal(row->step, b->hop);
        assert_true(row->count > 0 && row->count <= 2 * row->step);
        assert_int_equal(row->low, s->in_at);
        assert_int_equal(row->high, s->in_at + s->up);
        if (s->up > 0) /* the first result wants the samples up to its own */
            assert_int_equal(row->in - (int64_t)s->in_at + from, result - row->skip);
        if (b->stereo)
            assert_int_equal(i % 2, channel);
        assert_int_equal(row->spectrum[0], c->job.responses == 1 ? 1000 : 1000 + channel);
        if (b->stereo)
            assert_int_equal(row->spectrum[1], 1002 + channel);
    }
    assert_int_equal(results, s->down);
}

static void check_chunk(cutting *c, const ps_blocks *b, const ps_gpu_chunk *chunk)
{
    size_t in_at = 0, out_at = 0;

    assert_true(chunk->row_count <= chunk->row_room && chunk->segment_count <= chunk->row_count);
    for (uint32_t i = 0; i < chunk->segment_count; i++) {
        const ps_gpu_segment *s = &chunk->segments[i];
        const uint32_t channel = channel_of(c, s);

        assert_int_equal(s->in_at, in_at);
        assert_int_equal(s->out_at, out_at);
        in_at += s->up;
        out_at += s->down;
        assert_int_equal(s->to - c->out[channel], c->seen[channel]);
        c->seen[channel] += s->down;
        check_rows(c, b, chunk, s, channel);
        if (s->done_then > 0)
            for (uint32_t j = 0; j < c->job.channels; j++)
                assert_true(c->seen[j] >= s->done_then);
    }
    assert_int_equal(chunk->in_count, in_at);
    assert_int_equal(chunk->out_count, out_at);
    assert_true(in_at <= 2 * (size_t)chunk->row_room * b->size &&
                out_at <= in_at + 2 * (size_t)chunk->row_room * b->size);
}

static void cut_and_check(cutting *c, uint32_t row_room, uint32_t size_most)
{
    const ps_blocks_limits limits = {.once_most = 4096, .size_most = size_most};
    ps_blocks blocks = ps_blocks_of(&c->job, 0, &limits);
    ps_blocks_cursor cursor;
    ps_gpu_row *rows = calloc(row_room, sizeof *rows);
    ps_gpu_segment *segments = calloc(row_room, sizeof *segments);
    uint64_t count = 0;

    assert_true(blocks.size >= c->job.response_frames && blocks.size <= size_most);
    blocks.places = c->places;
    cursor = ps_blocks_begin(&blocks, 1);
    memset(c->seen, 0, sizeof c->seen);
    for (;;) {
        ps_gpu_chunk chunk = {.rows = rows, .segments = segments, .row_room = row_room};

        if (!ps_blocks_fill(&cursor, &chunk))
            break;
        check_chunk(c, &blocks, &chunk);
        count += chunk.row_count;
    }
    assert_int_equal(count, ps_blocks_rows(&blocks));
    for (uint32_t i = 0; i < c->job.channels; i++)
        assert_int_equal(c->seen[i], blocks.results);
    free(rows);
    free(segments);
}

static void every_result_is_in_one_row(void **state)
{
    const uint64_t lengths[] = {1, 1000, 4097, 20011}, responses[] = {1, 700, 1024, 5000};
    const uint32_t rooms[] = {2, 3, 8, 64};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (size_t r = 0; r < 4; r++)
            for (size_t room = 0; room < 4; room++)
                for (uint32_t channels = 1; channels <= CHANNELS_MOST; channels++) {
                    const uint64_t whole = lengths[i] + responses[r] - 1;
                    cutting c;

                    begin(&c, channels, channels % 2 ? 1 : channels, lengths[i], responses[r],
                          whole > 30 ? whole + 10 * channels - 30 : whole);
                    cut_and_check(&c, rooms[room], 8192);
                    free(c.numbers);
                    if (channels == 2 && rooms[room] % 2 == 0) {
                        begin(&c, 2, 4, lengths[i], responses[r], whole);
                        cut_and_check(&c, rooms[room], 16384);
                        free(c.numbers);
                    }
                }
}

static void what_is_done_is_not_done_again(void **state)
{
    const ps_blocks_limits limits = {4096, 8192};
    ps_blocks blocks;
    cutting c;

    (void)state;
    begin(&c, 2, 1, 100000, 1000, 100999);
    blocks = ps_blocks_of(&c.job, 0, &limits);
    assert_int_equal(blocks.first, 0);
    c.job.done_frames = 4 * blocks.hop + 1;
    blocks = ps_blocks_of(&c.job, 0, &limits);
    assert_int_equal(blocks.first, 2);
    assert_int_equal(ps_blocks_rows(&blocks), 2 * (blocks.pairs - 2));
    c.job.done_frames = 100999;
    blocks = ps_blocks_of(&c.job, 0, &limits);
    assert_int_equal(ps_blocks_rows(&blocks), 0);
    free(c.numbers);
}

/* Blocks grow with the response, so that most of each block is of use, within what fits. */
static void blocks_suit_the_response(void **state)
{
    const ps_blocks_limits limits = {4096, 1u << 23};
    ps_convolution job = {.channels = 2, .responses = 1, .in_frames = 44100 * 300};

    (void)state;
    for (uint64_t response = 441; response < 882000; response *= 3) {
        job.response_frames = response;
        job.out_frames = job.in_frames + response - 1;
        const ps_blocks blocks = ps_blocks_of(&job, 0, &limits);

        assert_true(blocks.hop >= blocks.size / 2);
    }
    job.response_frames = (1u << 23) + 1;
    assert_int_equal(ps_blocks_of(&job, 0, &limits).size, 0);
}

/* ---- Costs ----------------------------------------------------------------------------------- */

static const ps_gpu_speeds large_card = {
    .up = 40e9, .down = 40e9, .copy = 3000e9, .work = 2000e9, .host = 8e9, .launch_sec = 5e-6};

static ps_gpu_load load_of(uint32_t files, double sec, double response_sec)
{
    const double bytes = files * 2.0 * 44100.0 * sec * 4.0;

    return (ps_gpu_load){.up = bytes,
                         .down = bytes * (1.0 + response_sec / sec),
                         .work = bytes * 40.0,
                         .launches = 10.0 + bytes / 1e7,
                         .chunks = 1.0 + bytes / 1e8};
}

static double on_processor(uint32_t files, double sec, double response_sec, uint32_t threads)
{
    const ps_convolution item = {.in_frames = (uint64_t)(44100.0 * sec),
                                 .out_frames = UINT64_MAX,
                                 .response_frames = (uint64_t)(44100.0 * response_sec),
                                 .channels = 2,
                                 .responses = 1};

    return files * ps_cost_of_convolutions(&item, 1, false, threads);
}

static void large_jobs_are_worth_it_and_small_ones_are_not(void **state)
{
    ps_gpu_load load = load_of(256, 60.0, 3.0);

    (void)state;
    assert_true(ps_cost_on_gpu(&load, &large_card, 1) < on_processor(256, 60.0, 3.0, 1));
    assert_true(on_processor(1, 5.0, 0.1, 1) < PS_COST_LEAST_SEC);
    assert_true(on_processor(1, 300.0, 0.1, 1) < PS_COST_LEAST_SEC);
    assert_true(on_processor(256, 60.0, 3.0, 1) > PS_COST_LEAST_SEC);
    /* With many threads, a card that hangs on a thin wire is no help. */
    assert_true(ps_cost_on_gpu(&load, &(ps_gpu_speeds){1e9, 1e9, 1e11, 1e11, 5e9, 1e-5}, 64) >
                on_processor(256, 60.0, 3.0, 64));
}

static void costs_grow_with_what_there_is_to_do(void **state)
{
    (void)state;
    for (uint32_t files = 1; files < 256; files *= 2) {
        const ps_gpu_load little = load_of(files, 60.0, 3.0), more = load_of(2 * files, 60.0, 3.0);

        assert_true(ps_cost_on_gpu(&little, &large_card, 1) <
                    ps_cost_on_gpu(&more, &large_card, 1));
        assert_true(on_processor(files, 60.0, 3.0, 4) < on_processor(2 * files, 60.0, 3.0, 4));
        assert_true(on_processor(files, 60.0, 1.0, 4) < on_processor(files, 60.0, 3.0, 4));
        assert_true(on_processor(files, 60.0, 3.0, 8) < on_processor(files, 60.0, 3.0, 4));
    }
    assert_true(ps_cost_of_spectra(&(ps_spectra){.size = 2048, .count = 1000}, 1, 1) <
                ps_cost_of_spectra(&(ps_spectra){.size = 4096, .count = 1000}, 1, 1));
}

static void tones_cost_by_what_they_have(void **state)
{
    ps_tone tones[4] = {{.first = 100, .frames = 5000, .phase = {0, 1, 0}}};
    ps_tones one = {.tones = tones, .count = 1, .frames = 4100, .piece_frames = 41000};

    (void)state;
    for (int i = 1; i < 4; i++)
        tones[i] = tones[0];
    tones[1].phase.bend = 1;
    tones[2].turns[1].at = 0.5;
    tones[3].pulsed = true;
    const double plain = ps_cost_of_tones(&one, 1, false, 1);
    assert_true(plain > 0.1e-9 * 4000 && plain < 4e-9 * 4000); /* of 4100 frames 4000 have it */
    assert_true(fabs(ps_cost_of_tones(&one, 1, true, 1) / plain - 10.0) < 1e-9);
    assert_true(ps_cost_of_tones(&one, 1, false, 4) < plain);
    assert_true(ps_sines_of_tones(&one) == 4000.0);
    for (int i = 1; i < 4; i++) {
        one.tones = &tones[i];
        assert_true(ps_cost_of_tones(&one, 1, false, 1) > plain);
    }
    one.tones = tones;
    one.count = 4;
    assert_true(ps_cost_of_tones(&one, 1, false, 1) > 4.0 * plain);
    one.frames = 0;
    assert_true(ps_cost_of_tones(&one, 1, true, 1) == 0.0);
}

/* ---- Speeds ---------------------------------------------------------------------------------- */

static void speeds_are_measured_once_and_kept(void **state)
{
    ps_gpu_speeds first, second;

    (void)state;
    needs_a_device();
    remove_files_here();
    for (int run = 0; run < 2; run++) {
        ps_gpu *gpu = make_gpu((ps_gpu_options){0});

        assert_true(ps_gpu_enter(gpu) && ps_gpu_open(gpu));
        assert_int_equal(ps_gpu_speeds_known(&second, gpu), run == 1);
        *(run == 0 ? &first : &second) = *ps_gpu_speeds_of(gpu);
        ps_gpu_leave(gpu);
        ps_gpu_destroy(gpu);
    }
    assert_memory_equal(&first, &second, sizeof first);
    assert_true(memcmp(&first, &ps_gpu_speeds_usual, sizeof first) != 0);
    assert_true(first.up > 1e7 && first.down > 1e7 && first.copy > 1e7 && first.work > 1e6 &&
                first.host > 1e7 && first.launch_sec > 0.0 && first.launch_sec < 1.0);
}

static void speeds_that_cannot_be_kept_are_the_usual_ones(void **state)
{
    ps_gpu *gpu;

    (void)state;
    needs_a_device();
    gpu = make_gpu((ps_gpu_options){.cache_folder = ""});
    assert_true(ps_gpu_enter(gpu) && ps_gpu_open(gpu));
    assert_memory_equal(ps_gpu_speeds_of(gpu), &ps_gpu_speeds_usual, sizeof ps_gpu_speeds_usual);
    ps_gpu_leave(gpu);
    ps_gpu_destroy(gpu);
}

/* ---- Digests and files ----------------------------------------------------------------------- */

static void digests_tell_bytes_apart(void **state)
{
    uint8_t bytes[67] = {0};
    const ps_digest none = {0, 0};

    (void)state;
    for (size_t size = 0; size < sizeof bytes; size++) {
        const ps_digest before = ps_digest_of(none, bytes, size);

        assert_false(ps_digest_equal(before, ps_digest_of(none, bytes, size + 1)));
        for (size_t i = 0; i < size; i++) {
            bytes[i] ^= 0x10;
            assert_false(ps_digest_equal(before, ps_digest_of(none, bytes, size)));
            bytes[i] ^= 0x10;
        }
        assert_true(ps_digest_equal(before, ps_digest_of(none, bytes, size)));
    }
}

static void a_thing_is_found_under_its_key(void **state)
{
    size_t size_bytes;
    char *found;

    (void)state;
    ps_disk_cache_store("a/b/c", "key 1", "one", 4);
    ps_disk_cache_store("a/b/c", "key 2", "other", 6);
    ps_disk_cache_store("a/b/c", "key 1", "third", 6);
    found = ps_disk_cache_load("a/b/c", "key 1", &size_bytes);
    assert_string_equal(found, "third");
    assert_int_equal(size_bytes, 6);
    ps_free(NULL, found);
    assert_null(ps_disk_cache_load("a/b/c", "key 3", &size_bytes));
    assert_null(ps_disk_cache_load("a/b", "key 1", &size_bytes));
    assert_null(ps_disk_cache_load("", "key 1", &size_bytes));
    assert_int_equal(system("rm -r a"), 0);
}

static void the_folder_follows_the_environment(void **state)
{
    char found[PS_GPU_FOLDER_BYTES];

    (void)state;
    setenv("XDG_CACHE_HOME", "/x/cache", 1);
    ps_disk_cache_folder(found, NULL);
    assert_string_equal(found, "/x/cache/plainsong/gpu");
    setenv("XDG_CACHE_HOME", "relative", 1); /* the specification: to be ignored */
    setenv("HOME", "/home/somebody", 1);
    ps_disk_cache_folder(found, NULL);
    assert_string_equal(found, "/home/somebody/.cache/plainsong/gpu");
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    ps_disk_cache_folder(found, NULL);
    assert_string_equal(found, "");
    ps_disk_cache_folder(found, "/given");
    assert_string_equal(found, "/given");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_result_is_in_one_row),
        cmocka_unit_test(what_is_done_is_not_done_again),
        cmocka_unit_test(blocks_suit_the_response),
        cmocka_unit_test(large_jobs_are_worth_it_and_small_ones_are_not),
        cmocka_unit_test(costs_grow_with_what_there_is_to_do),
        cmocka_unit_test(tones_cost_by_what_they_have),
        cmocka_unit_test(speeds_are_measured_once_and_kept),
        cmocka_unit_test(speeds_that_cannot_be_kept_are_the_usual_ones),
        cmocka_unit_test(digests_tell_bytes_apart),
        cmocka_unit_test(a_thing_is_found_under_its_key),
        cmocka_unit_test(the_folder_follows_the_environment),
    };

    return cmocka_run_group_tests(tests, in_folder, out_of_folder);
}
