/*
 * What is true of every effect, with its presets and with each parameter at both of its limits.
 * An effect joins by its line in effects.def; what an effect needs to be heard at all (a gain that
 * is not 0 dB) stands in `heard`.
 */
#include "effect_support.h"

#include "effect/effect.h"

#define FRAMES 12000u

/* Settings with which an effect certainly changes something. */
static const char *const heard[] = {
    "convolver:old-room,wet=0.3",
    "convolver:room,0.5,zero,predelay=20,decay=0.3",
    "delay:40,0.5,pingpong=on",
    "delay:20,0.3,0.8,tone=2000",
    "reverb:0.5,0.5,predelay=7",
    "reverb:0.2,1,size=0.3,damping=0.9,width=0.2",
    "chorus",
    "chorus:3,5,4,voices=4,width=0.3,wet=1",
    "flanger",
    "flanger:2,feedback=-0.9",
    "phaser",
    "phaser:3,stages=12,feedback=0.9",
    "widener:2,mono-below=200",
    "dither:12",
    "dither:8,high",
    "gain:-6",
    "pan:0.5",
    "mono",
    "filter:lowpass,800,q=3",
    "filter:highpass,200,slope=48",
    "eq:100+6,lp4000,hs2k-9q0.5",
    "gate:-3,4,range=30",
    "multiband:2,split1=700,threshold1=-40,gain2=3",
    "multiband:4,threshold3=-40,gain2=3",
    "limiter:-12",
    "compressor:-30,4",
    "compressor:-40,20,detector=rms,link=off,lookahead=3,mix=0.7",
};

/* ---- Walking over parameters ----------------------------------------------------------------- */

typedef void ask(const char *text);

/* Asks with the presets, and with every number at its low and high limit and every choice. */
static void walk(ask *question)
{
    ps_effect_info info;
    char text[256];

    for (size_t i = 0; ps_effect_nth(i, &info); i++) {
        const uint32_t slots = ps_effect_slots(&info);

        question(info.name);
        for (uint32_t slot = 0; slot < slots; slot++) {
            char name[PS_EFFECT_NAME_BYTES];
            uint32_t copy;
            const ps_effect_parameter *row = ps_effect_slot_row(&info, slot, &copy);

            if (row->kind == PS_EFFECT_TEXT || copy > 1)
                continue;
            ps_effect_slot_name(&info, slot, name);
            for (double value = row->low; value <= row->high;
                 value += row->kind == PS_EFFECT_NUMBER ? row->high - row->low : 1.0) {
                ps_chain *chain;

                assert_int_equal(ps_chain_create(&chain, NULL, NULL), PS_OK);
                assert_int_equal(ps_chain_add(chain, info.name, NULL), PS_OK);
                assert_int_equal(ps_chain_set(chain, 0, name, value, NULL), PS_OK);
                assert_true(ps_chain_write(chain, text, sizeof text) < sizeof text);
                ps_chain_destroy(chain);
                question(text);
                if (row->high == row->low)
                    break;
            }
        }
    }
}

static void walk_heard(ask *question)
{
    for (size_t i = 0; i < sizeof heard / sizeof heard[0]; i++)
        question(heard[i]);
}

/* ---- Questions ------------------------------------------------------------------------------- */

static void each_table_is_in_order(void **state)
{
    ps_effect_info info;

    (void)state;
    for (size_t i = 0; ps_effect_nth(i, &info); i++) {
        assert_true(info.name[0] && info.summary[0]);
        for (uint32_t p = 0; p < info.parameter_count; p++) {
            const ps_effect_parameter *row = &info.parameters[p];

            assert_non_null(row->name);
            assert_true(row->unit && row->meaning && row->meaning[0]);
            if (row->kind == PS_EFFECT_TEXT)
                continue;
            if (!(row->low <= row->preset && row->preset <= row->high))
                fail_msg("%s: %s: the preset is outside its limits", info.name, row->name);
            if (row->kind == PS_EFFECT_CHOICE)
                assert_non_null(row->choices);
        }
        for (uint32_t slot = 0; slot < ps_effect_slots(&info); slot++) {
            char name[PS_EFFECT_NAME_BYTES];

            ps_effect_slot_name(&info, slot, name);
            if (ps_effect_slot(&info, name) != slot)
                fail_msg("%s: two parameters are called %s", info.name, name);
        }
    }
}

static void cuts(const char *text)
{
    const uint32_t sizes[] = {1, 64, 333, 4096, 0};
    const fx_audio in = fx_noise(FRAMES, 0.7f, 1);
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, text);
    fx_audio whole = fx_copy(&in), cut;

    fx_run(rack, &whole, FRAMES);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        cut = fx_copy(&in);
        ps_rack_reset(rack);
        fx_run(rack, &cut, sizes[i]);
        if (memcmp(cut.left, whole.left, FRAMES * sizeof(float)) != 0 ||
            memcmp(cut.right, whole.right, FRAMES * sizeof(float)) != 0)
            fail_msg("%s: blocks of %u give other samples, by %g", text, sizes[i],
                     (double)fx_difference(&cut, &whole));
        fx_free(&cut);
    }
    fx_free(&whole);
    fx_free((fx_audio *)&in);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
}

static void the_block_size_is_not_heard_nor_what_ran_before_a_reset(void **state)
{
    (void)state;
    walk(cuts);
    walk_heard(cuts);
}

static void survives(const char *text)
{
    const float bad[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-40f, 1e6f, -1e6f};
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, text);
    fx_audio a = fx_noise(FRAMES, 1.0f, 2);

    for (uint32_t i = 0; i < FRAMES / 2; i += 3)
        a.left[i] = bad[(i / 3) % 8], a.right[i] = bad[(i / 3 + 3) % 8];
    fx_run(rack, &a, 500);
    for (uint32_t i = 0; i < FRAMES; i++)
        if (!isfinite(a.left[i]) || !isfinite(a.right[i]))
            fail_msg("%s: frame %u is (%g, %g)", text, i, (double)a.left[i], (double)a.right[i]);
    assert_int_equal(ps_rack_not_finite(rack), 2 * FRAMES / 2 / 3 * 3 / 8);
    fx_free(&a);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
}

static void what_comes_out_is_finite_whatever_goes_in(void **state)
{
    (void)state;
    walk(survives);
    walk_heard(survives);
}

/* 100 dB down after as many frames as it says. */
static void ends(const char *text)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, text);
    const uint32_t rings = (uint32_t)ps_rack_tail(rack) + ps_rack_latency(rack);
    const fx_audio in = fx_noise(2048, 1.0f, 3);
    fx_audio a = fx_new(2048 + rings + 4096);

    memcpy(a.left, in.left, 2048 * sizeof(float));
    memcpy(a.right, in.right, 2048 * sizeof(float));
    fx_run(rack, &a, 512);
    const float loudest = fmaxf(1.0f, fx_peak(&a, 0, 2048 + rings));
    const float rest = fx_peak(&a, 2048 + rings, a.frames);
    if (strncmp(text, "dither", 6) != 0 && rest > 1e-5f * loudest)
        fail_msg("%s: still %g after its tail", text, (double)rest);
    fx_free(&a);
    fx_free((fx_audio *)&in);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
}

static void the_sound_ends_with_the_tail(void **state)
{
    (void)state;
    walk_heard(ends);
}

static void rows_agree(const char *text)
{
    const fx_audio in = fx_noise(FRAMES, 0.5f, 4);
    fx_audio first = fx_copy(&in);
    ps_engine *engine = fx_engine("c");
    ps_rack *rack = fx_rack(engine, text);

    fx_run(rack, &first, 512);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    for (uint32_t i = 1; ps_kernel_row_name(i); i++) {
        fx_audio other = fx_copy(&in);

        engine = fx_engine(ps_kernel_row_name(i));
        rack = fx_rack(engine, text);
        fx_run(rack, &other, 512);
        const float loudest = fmaxf(1.0f, fx_peak(&first, 0, FRAMES));
        if (fx_difference(&first, &other) > 2e-5f * loudest)
            fail_msg("%s: %s differs from c by %g", text, ps_kernel_row_name(i),
                     (double)fx_difference(&first, &other));
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
        fx_free(&other);
    }
    fx_free(&first);
    fx_free((fx_audio *)&in);
}

static void the_instruction_sets_agree(void **state)
{
    (void)state;
    walk_heard(rows_agree);
}

static void fails_to_be_made(const char *text)
{
    ps_chain *chain;

    assert_int_equal(ps_chain_read(&chain, text, NULL, NULL), PS_OK);
    for (long allowed = 0;; allowed++) {
        failing_allocator f;
        ps_engine *engine;
        ps_rack *rack;
        ps_error err = {0};

        failing_init(&f, -1);
        const ps_engine_options options = {.allocator = &f.base};
        assert_int_equal(ps_engine_create(&engine, &options, NULL), PS_OK);
        f.allowed = allowed;
        const ps_status status = ps_rack_create(&rack, engine, chain, FX_RATE_HZ, NULL, &err);
        if (status == PS_OK)
            ps_rack_destroy(rack);
        else
            assert_int_equal(status, PS_NO_MEMORY);
        ps_engine_destroy(engine);
        if (f.live != 0)
            fail_msg("%s: %ld allocations are not given back after failure %ld", text, f.live,
                     allowed);
        if (status == PS_OK)
            break;
        assert_true(err.text[0]);
    }
    ps_chain_destroy(chain);
}

static void a_failing_allocation_gives_everything_back(void **state)
{
    ps_effect_info info;

    (void)state;
    for (size_t i = 0; ps_effect_nth(i, &info); i++)
        fails_to_be_made(info.name);
}

static void works_at_any_rate(const char *text)
{
    const double rates[] = {8000.0, 11025.0, 48000.0, 96000.0, 192000.0};

    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        ps_engine *engine = fx_engine(NULL);
        ps_rack *rack = fx_rack_at(engine, text, rates[i]);
        fx_audio a = fx_noise(4000, 1.0f, 5);

        fx_run(rack, &a, 512);
        for (uint32_t k = 0; k < a.frames; k++)
            if (!isfinite(a.left[k]) || !isfinite(a.right[k]))
                fail_msg("%s at %g Hz: not finite", text, rates[i]);
        fx_free(&a);
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
    }
}

static void every_rate_will_do(void **state)
{
    (void)state;
    walk(works_at_any_rate);
}

/* ---- Changes --------------------------------------------------------------------------------- */

/*
 * Every number of an effect moved from low to high in the middle of a sine: the same however the
 * audio is cut; nothing changes before the frame; and after it no step is larger than a gliding
 * value can explain.
 */
static void changes(const ps_effect_info *info, uint32_t slot, const char *text)
{
    const uint32_t at = 5003, sizes[] = {1, 0, 4096};
    uint32_t copy;
    const ps_effect_parameter *row = ps_effect_slot_row(info, slot, &copy);
    const fx_audio in = fx_sine(FRAMES, 500.0, 0.5);
    ps_engine *engine = fx_engine(NULL);
    fx_audio plain = fx_copy(&in), first = fx_copy(&in);

    for (uint32_t i = 0; i < 4; i++) {
        fx_audio moved = i == 0 ? plain : i == 1 ? first : fx_copy(&in);
        ps_rack *rack = fx_rack(engine, text);

        if (i > 0)
            assert_int_equal(ps_rack_set(rack, 0, slot, row->high, at), PS_OK);
        fx_run(rack, &moved, sizes[i > 0 ? i - 1 : 2]);
        if (i > 1 && memcmp(first.left, moved.left, FRAMES * sizeof(float)) != 0)
            fail_msg("%s: a change of %s depends on the cut", text, row->name);
        if (i == 1 && memcmp(first.left, plain.left, at * sizeof(float)) != 0)
            fail_msg("%s: a change of %s is heard before its frame", text, row->name);
        ps_rack_destroy(rack);
        if (i > 1)
            fx_free(&moved);
    }
    float before = 0.0f, after = 0.0f, jump = 0.0f;
    for (uint32_t i = 4000; i < FRAMES; i++) {
        const float step = fabsf(first.left[i] - first.left[i - 1]);

        if (i < at)
            before = fmaxf(before, step);
        else if (i < at + 4)
            jump = fmaxf(jump, step);
        else if (i > at + 2000)
            after = fmaxf(after, step);
    }
    if (jump > 1.5f * fmaxf(before, after) + 0.02f)
        fail_msg("%s: a change of %s makes a step of %g (%g before, %g after)", text, row->name,
                 (double)jump, (double)before, (double)after);
    fx_free(&plain);
    fx_free(&first);
    fx_free((fx_audio *)&in);
    ps_engine_destroy(engine);
}

static void values_change_at_their_frame_without_a_step(void **state)
{
    ps_effect_info info;

    (void)state;
    for (size_t i = 0; i < sizeof heard / sizeof heard[0]; i++) {
        ps_chain *chain;

        assert_int_equal(ps_chain_read(&chain, heard[i], NULL, NULL), PS_OK);
        assert_true(ps_chain_nth(chain, 0, &info));
        for (uint32_t slot = 0; slot < ps_effect_slots(&info); slot++) {
            uint32_t copy;
            const ps_effect_parameter *row = ps_effect_slot_row(&info, slot, &copy);

            if (row->kind == PS_EFFECT_NUMBER && !row->fixed && copy == 0)
                changes(&info, slot, heard[i]);
        }
        ps_chain_destroy(chain);
    }
}

static void changes_that_cannot_be_are_refused(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "gain | pan");

    (void)state;
    assert_int_equal(ps_rack_set(rack, 2, 0, 0.0, 0), PS_NOT_FOUND);
    assert_int_equal(ps_rack_set(rack, 0, 1, 0.0, 0), PS_NOT_FOUND);
    assert_int_equal(ps_rack_set(rack, 0, 0, 61.0, 0), PS_BAD_ARGUMENT);
    assert_int_equal(ps_rack_set(rack, 0, 0, NAN, 0), PS_BAD_ARGUMENT);
    assert_int_equal(ps_rack_set(rack, 1, 1, 1.0, 0), PS_UNSUPPORTED);
    for (uint32_t i = 0; i < PS_RACK_CHANGES; i++)
        assert_int_equal(ps_rack_set(rack, 0, 0, -1.0 * (i % 9), 5000 - i), PS_OK);
    assert_int_equal(ps_rack_set(rack, 0, 0, 0.0, 0), PS_NO_MEMORY);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_is_in_order),
        cmocka_unit_test(the_block_size_is_not_heard_nor_what_ran_before_a_reset),
        cmocka_unit_test(what_comes_out_is_finite_whatever_goes_in),
        cmocka_unit_test(the_sound_ends_with_the_tail),
        cmocka_unit_test(the_instruction_sets_agree),
        cmocka_unit_test(a_failing_allocation_gives_everything_back),
        cmocka_unit_test(every_rate_will_do),
        cmocka_unit_test(values_change_at_their_frame_without_a_step),
        cmocka_unit_test(changes_that_cannot_be_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
