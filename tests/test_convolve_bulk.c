/*
 * A convolver whose work somebody else takes: whatever becomes of the jobs, what comes out is what
 * would come out without. The somebody is made of the direct sum in double.
 */
#include "room_support.h"

#include "plainsong/accelerator.h"

#define FRAMES 5000u

/* ---- Somebody who takes convolutions -------------------------------------------------------- */

typedef struct fake {
    ps_accelerator table;
    bool unwanted;
    uint32_t works;     /* so many jobs are taken, then all are declined */
    uint64_t done_most; /* of each job's frames; then it breaks off */
    uint32_t asked, taken, declined;
    uint64_t frames;     /* of all that went in */
    ps_convolution last; /* sizes of what was offered or asked */
} fake;

static void add_direct(double *sum, const ps_convolution *job, uint32_t from, uint32_t through)
{
    for (uint64_t i = 0; i < job->in_frames; i++)
        for (uint64_t j = 0; j < job->response_frames && i + j < job->out_frames; j++)
            sum[i + j] += (double)job->in[from][i] * (double)job->response[through][j];
}

static void convolve_channel(const fake *f, const ps_convolution *job, uint32_t channel)
{
    double *sum = calloc(job->out_frames, sizeof *sum);

    assert_non_null(sum);
    if (job->responses == 4) {
        add_direct(sum, job, 0, channel);
        add_direct(sum, job, 1, 2 + channel);
    } else {
        add_direct(sum, job, channel, job->responses == 1 ? 0 : channel);
    }
    for (uint64_t i = 0; i < job->out_frames; i++)
        job->out[channel][i] = i < f->done_most ? (float)sum[i] : NAN;
    free(sum);
}

static ps_job_outcome convolve(void *user, ps_convolution *items, uint32_t count)
{
    fake *f = user;

    assert_int_equal(count, 1);
    assert_int_equal(items->done_frames, 0);
    assert_true(items->in_frames > 0 && items->channels == 2);
    assert_int_equal(items->out_frames, items->in_frames + items->response_frames - 1);
    f->last = *items;
    if (f->taken == f->works) {
        f->declined++;
        return PS_JOB_DECLINED;
    }
    f->taken++;
    f->frames += items->in_frames;
    for (uint32_t c = 0; c < 2; c++)
        convolve_channel(f, items, c);
    items->done_frames = items->out_frames < f->done_most ? items->out_frames : f->done_most;
    return items->done_frames == items->out_frames ? PS_JOB_DONE : PS_JOB_PARTLY;
}

static bool wants(void *user, const ps_convolution *items, uint32_t count)
{
    fake *f = user;

    assert_int_equal(count, 1);
    f->asked++;
    f->last = *items;
    return !f->unwanted;
}

static fake make_fake(void)
{
    return (fake){.table = {.convolve = convolve, .wants_convolution = wants},
                  .works = UINT32_MAX,
                  .done_most = UINT64_MAX};
}

/* The table that knows where it is. */
static const ps_accelerator *lend(fake *f)
{
    f->table.user = f;
    return &f->table;
}

/* ---- Agreement ------------------------------------------------------------------------------- */

static const char *const rooms[] = {
    "convolver:\"1:700\",0.5",
    "convolver:\"2:701\",1,zero",
    "convolver:\"4:333\",0.7,predelay=3,gain=-3",
    "convolver:\"4:2001\",1", /* longer than a chunk */
    "convolver:\"1:1\",1",
    "convolver:\"2:97\",0.4,zero,block=512 | gain:-3 | convolver:\"1:300\",0.3",
};

#define ROOMS (sizeof rooms / sizeof rooms[0])

/* In chunks of 1024 frames, as the piece is said to be shorter than it is. */
#define SAID 1000u

static fx_audio without(ps_engine *engine, const char *text, const fx_audio *in)
{
    fx_audio out = fx_copy(in);
    ps_rack *rack = room_rack(engine, text, NULL, 0);

    room_run(rack, &out, 512);
    ps_rack_destroy(rack);
    return out;
}

static void agree(const char *text, fake *f, uint32_t size)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = room_rack(engine, text, lend(f), SAID);
    fx_audio in = fx_noise(FRAMES, 0.7f, 1), wet = fx_copy(&in), dry;

    assert_true(ps_rack_latency(rack) % 1024 == 0);
    room_run(rack, &wet, size);
    dry = without(engine, text, &in);
    room_agrees(text, &wet, &dry);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&in);
    fx_free(&wet);
    fx_free(&dry);
}

static void what_somebody_takes_sounds_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOMS; i++) {
        fake f = make_fake();

        agree(rooms[i], &f, 512);
        assert_true(f.taken >= 5 && f.declined == 0);
    }
}

static void what_is_declined_is_done_here(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOMS; i++) {
        fake f = make_fake();

        f.works = 0;
        agree(rooms[i], &f, 512);
        assert_true(f.taken == 0 && f.declined >= 5);
        f = make_fake(); /* nobody there from the third job on */
        f.works = 2;
        agree(rooms[i], &f, 300);
        assert_true(f.taken == 2 && f.declined >= 3);
    }
}

static void what_is_broken_off_is_finished_here(void **state)
{
    const uint64_t done[] = {0, 1, 255, 256, 257, 699, 1000, 1023, 1024, 1025, 1300, 1722, 1723};

    (void)state;
    for (size_t i = 0; i < ROOMS; i++)
        for (size_t d = 0; d < sizeof done / sizeof *done; d++) {
            fake f = make_fake();

            f.done_most = done[d];
            agree(rooms[i], &f, 1024);
            assert_true(f.taken >= 5);
        }
}

/* Then it is offered, and may be declined. */
static void who_does_not_say_what_he_wants_is_asked_each_time(void **state)
{
    fake f = make_fake();

    (void)state;
    f.table.wants_convolution = NULL;
    agree(rooms[1], &f, 512);
    assert_true(f.asked == 0 && f.taken >= 5);
    assert_false(ps_accelerate_wants_convolution(&(ps_accelerator){0}, &f.last, 1));
}

static void what_nobody_wants_stays_as_it_was(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOMS; i++) {
        fake f = make_fake();
        ps_engine *engine = fx_engine(NULL);
        fx_audio in = fx_noise(FRAMES, 0.7f, 1), wet = fx_copy(&in), dry;
        ps_rack *rack, *plain = room_rack(engine, rooms[i], NULL, 0);

        f.unwanted = true;
        rack = room_rack(engine, rooms[i], lend(&f), SAID);
        assert_true(f.asked > 0);
        assert_int_equal(ps_rack_latency(rack), ps_rack_latency(plain));
        room_run(rack, &wet, 512);
        dry = without(engine, rooms[i], &in);
        assert_memory_equal(wet.left, dry.left, FRAMES * sizeof(float));
        assert_memory_equal(wet.right, dry.right, FRAMES * sizeof(float));
        assert_int_equal(f.taken + f.declined, 0);
        ps_rack_destroy(plain);
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
        fx_free(&in);
        fx_free(&wet);
        fx_free(&dry);
    }
}

/* ---- What is true of every effect ------------------------------------------------------------ */

/* The left and right sound after a change of gain and wet in the middle. */
static fx_audio changed(ps_rack *rack, const fx_audio *in, uint32_t at, uint32_t size)
{
    fx_audio out = fx_copy(in);

    assert_int_equal(ps_rack_set(rack, 0, 1, 0.9, at), PS_OK);       /* wet */
    assert_int_equal(ps_rack_set(rack, 0, 5, -12.0, at + 7), PS_OK); /* gain */
    fx_run(rack, &out, size);
    return out;
}

static void neither_the_cut_nor_what_ran_before_is_heard(void **state)
{
    const uint32_t sizes[] = {1, 64, 333, 4096, 0};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fake f = make_fake();
        ps_engine *engine = fx_engine(NULL);
        ps_rack *rack = room_rack(engine, rooms[i], lend(&f), SAID);
        fx_audio in = fx_noise(FRAMES, 0.7f, 1), whole;

        f.works = i % 2 == 0 ? UINT32_MAX : 2;
        whole = changed(rack, &in, 100, 77);
        fx_free(&whole);
        ps_rack_reset(rack); /* from here on with the new values */
        f.taken = 0;
        whole = changed(rack, &in, 1803, 4096);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            fx_audio cut;

            ps_rack_reset(rack);
            f.taken = 0;
            cut = changed(rack, &in, 1803, sizes[k]);
            if (memcmp(cut.left, whole.left, FRAMES * sizeof(float)) != 0 ||
                memcmp(cut.right, whole.right, FRAMES * sizeof(float)) != 0)
                fail_msg("%s: blocks of %u give other samples", rooms[i], sizes[k]);
            fx_free(&cut);
        }
        fx_free(&whole);
        fx_free(&in);
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
    }
}

/* A change a latency later is heard at the same place of the sound. */
static void values_change_at_their_frame(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fake f = make_fake();
        ps_engine *engine = fx_engine(NULL);
        ps_rack *racks[2] = {room_rack(engine, rooms[i], NULL, 0),
                             room_rack(engine, rooms[i], lend(&f), SAID)};
        fx_audio out[2];

        for (int r = 0; r < 2; r++) {
            out[r] = fx_noise(FRAMES, 0.5f, 3);
            assert_int_equal(ps_rack_set(racks[r], 0, 1, 0.1, 1777 + ps_rack_latency(racks[r])),
                             PS_OK);
            room_run(racks[r], &out[r], 0);
            ps_rack_destroy(racks[r]);
        }
        room_agrees(rooms[i], &out[1], &out[0]);
        fx_free(&out[0]);
        fx_free(&out[1]);
        ps_engine_destroy(engine);
    }
}

static void the_sound_ends_with_the_tail(void **state)
{
    fake f = make_fake();
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = room_rack(engine, rooms[3], lend(&f), SAID);
    fx_audio a = fx_noise(2048, 1.0f, 3);
    fx_audio rest = fx_new((uint32_t)ps_rack_tail(rack) + ps_rack_latency(rack) + 4000);

    (void)state;
    fx_run(rack, &a, 512);
    assert_int_equal(f.taken, 2);
    fx_run(rack, &rest, 512);
    assert_int_equal(f.taken, 2); /* silence is no job */
    assert_true(fx_peak(&rest, 0, rest.frames - 4000) > 0.0f);
    assert_true(fx_peak(&rest, rest.frames - 4000, rest.frames) == 0.0f);
    fx_free(&a);
    fx_free(&rest);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
}

/* ---- Jobs ------------------------------------------------------------------------------------ */

static uint32_t chunk_of(const char *text, uint64_t frames)
{
    fake f = make_fake();
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = room_rack(engine, text, lend(&f), frames);
    const uint32_t latency = ps_rack_latency(rack);

    assert_int_equal(f.asked, 1);
    assert_int_equal(f.last.in_frames, latency);
    assert_int_equal(f.last.piece_frames, frames);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    return latency;
}

static void a_chunk_is_as_long_as_it_need_be(void **state)
{
    (void)state;
    assert_int_equal(chunk_of("convolver:\"1:100\"", 0), 1 << 20);
    assert_int_equal(chunk_of("convolver:\"1:100\"", UINT64_MAX), 1 << 20);
    assert_int_equal(chunk_of("convolver:\"1:100\"", 1), 256);
    assert_int_equal(chunk_of("convolver:\"1:100\"", 1 << 20), 1 << 20);
    assert_int_equal(chunk_of("convolver:\"1:100\"", (1 << 20) + 1), (1 << 19) + 256);
    assert_int_equal(chunk_of("convolver:\"1:100\"", 3000000), 1000192);
    assert_int_equal(chunk_of("convolver:\"1:524288\"", 0), 1 << 20);
    assert_int_equal(chunk_of("convolver:\"1:524289\"", 0), 1 << 21);
    assert_int_equal(chunk_of("convolver:\"2:882000\"", 10000000), 2000128);
}

/* Only as much as sounds is sent. */
static void silence_behind_a_sound_is_not_sent(void **state)
{
    fake f = make_fake();
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = room_rack(engine, rooms[1], lend(&f), SAID);
    fx_audio in = fx_new(4096), wet, dry;

    (void)state;
    in.left[1030] = 1.0f;
    in.right[1033] = -0.5f;
    wet = fx_copy(&in);
    room_run(rack, &wet, 512);
    assert_int_equal(f.taken, 1);
    assert_int_equal(f.frames, 10);
    dry = without(engine, rooms[1], &in);
    room_agrees(rooms[1], &wet, &dry);
    fx_free(&in);
    fx_free(&wet);
    fx_free(&dry);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
}

static void sound_lies_where_somebody_likes_it(void **state)
{
    fake f = make_fake();
    failing_allocator memory;

    (void)state;
    failing_init(&memory, -1);
    f.table.memory = &memory.base;
    agree(rooms[0], &f, 512);
    assert_int_equal(memory.asked, 1);
    assert_int_equal(memory.live, 0);
}

static void a_failing_allocation_gives_everything_back(void **state)
{
    const ps_chain_options none = {0};
    ps_chain *chain;

    (void)state;
    assert_int_equal(ps_chain_read(&chain, rooms[2], &none, NULL), PS_OK);
    for (long allowed = 0;; allowed++) {
        fake f = make_fake();
        failing_allocator a;
        ps_engine *engine;
        ps_rack *rack;
        ps_error err = {0};

        failing_init(&a, -1);
        const ps_engine_options options = {.allocator = &a.base};
        const ps_rack_options more = {.media = room_media, .accelerator = lend(&f), .frames = SAID};
        assert_int_equal(ps_engine_create(&engine, &options, NULL), PS_OK);
        a.allowed = allowed;
        const ps_status status = ps_rack_create(&rack, engine, chain, FX_RATE_HZ, &more, &err);
        if (status == PS_OK)
            ps_rack_destroy(rack);
        else
            assert_int_equal(status, PS_NO_MEMORY);
        ps_engine_destroy(engine);
        assert_int_equal(a.live, 0);
        if (status == PS_OK)
            break;
        assert_true(err.text[0]);
    }
    ps_chain_destroy(chain);
}

/* ---- Around a source ------------------------------------------------------------------------- */

static ps_source *around(ps_engine *engine, const char *text, const fx_audio *in,
                         const ps_accelerator *accelerator, uint64_t frames, bool keep_latency)
{
    ps_effect_source_options options = ps_effect_source_defaults();
    ps_source *source, *inner;
    ps_chain *chain;

    options.rack =
        (ps_rack_options){.media = room_media, .accelerator = accelerator, .frames = frames};
    options.keep_latency = keep_latency;
    assert_int_equal(ps_chain_read(&chain, text, NULL, NULL), PS_OK);
    assert_int_equal(
        ps_memory_source_create(&inner, in->left, in->right, in->frames, FX_RATE_HZ, NULL, NULL),
        PS_OK);
    assert_int_equal(ps_effect_source_create(&source, engine, inner, chain, &options, NULL), PS_OK);
    ps_chain_destroy(chain);
    return source;
}

/* The whole source from where it stands. */
static fx_audio pull(ps_source *source, uint32_t size)
{
    fx_audio all = fx_new(400000);
    uint32_t got;

    all.frames = 0;
    do {
        const ps_block block = {all.left + all.frames, all.right + all.frames, size};

        assert_true(all.frames + size <= 400000);
        got = ps_source_pull(source, block);
        all.frames += got;
    } while (got == size);
    return all;
}

static void a_source_keeps_its_place_and_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOMS; i++) {
        fake f = make_fake();
        ps_engine *engine = fx_engine(NULL);
        fx_audio in = fx_noise(FRAMES, 0.7f, 1), dry, wet, again;
        ps_source *plain = around(engine, rooms[i], &in, NULL, 0, false);
        ps_source *source = around(engine, rooms[i], &in, lend(&f), 0, false);

        assert_int_equal(ps_source_length(source).frames, ps_source_length(plain).frames);
        dry = pull(plain, 1000);
        wet = pull(source, 777);
        assert_int_equal(wet.frames, dry.frames);
        room_agrees(rooms[i], &wet, &dry);
        assert_true(f.taken >= 1);
        assert_int_equal(f.last.piece_frames, FRAMES);
        assert_int_equal(ps_source_seek(source, 0), PS_OK);
        again = pull(source, 64);
        assert_int_equal(again.frames, wet.frames);
        assert_memory_equal(again.left, wet.left, wet.frames * sizeof(float));
        fx_free(&again);
        assert_int_equal(ps_source_seek(source, 3001), PS_OK);
        again = pull(source, 5000);
        assert_int_equal(again.frames + 3001, wet.frames);
        for (uint32_t k = 0; k < again.frames; k++)
            assert_near(again.left[k], wet.left[3001 + k], 1e-5f);
        ps_source_destroy(plain);
        ps_source_destroy(source);
        ps_engine_destroy(engine);
        fx_free(&in);
        fx_free(&dry);
        fx_free(&wet);
        fx_free(&again);
    }
}

static void what_comes_late_is_offered_to_nobody(void **state)
{
    fake f = make_fake();
    ps_engine *engine = fx_engine(NULL);
    fx_audio in = fx_noise(FRAMES, 0.7f, 1);
    ps_source *source = around(engine, rooms[0], &in, lend(&f), 0, true);

    (void)state;
    assert_int_equal(f.asked, 0);
    ps_source_destroy(source);
    source = around(engine, rooms[0], &in, lend(&f), 300, false); /* no more will be heard */
    assert_int_equal(f.last.in_frames, 512);
    assert_int_equal(f.last.piece_frames, 300);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    fx_free(&in);
}

/* Long chunks are read ahead in long stretches; that is not heard either. */
static void a_long_piece_is_the_same_too(void **state)
{
    fake f = make_fake();
    ps_engine *engine = fx_engine(NULL);
    fx_audio in = fx_noise(200000, 0.3f, 1), dry, wet;
    ps_source *plain = around(engine, "convolver:\"2:40\"", &in, NULL, 0, false);
    ps_source *source = around(engine, "convolver:\"2:40\"", &in, lend(&f), 0, false);

    (void)state;
    dry = pull(plain, 8192);
    wet = pull(source, 8192);
    assert_int_equal(wet.frames, 200040);
    assert_int_equal(dry.frames, 200040);
    assert_int_equal(f.taken, 1);
    room_agrees("long", &wet, &dry);
    ps_source_destroy(plain);
    ps_source_destroy(source);
    ps_engine_destroy(engine);
    fx_free(&in);
    fx_free(&dry);
    fx_free(&wet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_somebody_takes_sounds_the_same),
        cmocka_unit_test(what_is_declined_is_done_here),
        cmocka_unit_test(what_is_broken_off_is_finished_here),
        cmocka_unit_test(who_does_not_say_what_he_wants_is_asked_each_time),
        cmocka_unit_test(what_nobody_wants_stays_as_it_was),
        cmocka_unit_test(neither_the_cut_nor_what_ran_before_is_heard),
        cmocka_unit_test(values_change_at_their_frame),
        cmocka_unit_test(the_sound_ends_with_the_tail),
        cmocka_unit_test(a_chunk_is_as_long_as_it_need_be),
        cmocka_unit_test(silence_behind_a_sound_is_not_sent),
        cmocka_unit_test(sound_lies_where_somebody_likes_it),
        cmocka_unit_test(a_failing_allocation_gives_everything_back),
        cmocka_unit_test(a_source_keeps_its_place_and_length),
        cmocka_unit_test(what_comes_late_is_offered_to_nobody),
        cmocka_unit_test(a_long_piece_is_the_same_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
