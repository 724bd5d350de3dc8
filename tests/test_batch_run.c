/* Many files into a folder: each as it is rendered alone, whatever becomes of the others. */
#define _GNU_SOURCE /* edge_support.h */
#include "edge_support.h"
#include "failing_heap.h"
#include "play.h"

#include <pthread.h>

#include "plainsong/batch.h"

static const char track_text[] =
    "{\"global\": {\"sample_rate\": 22050, \"crossfade_duration\": 0},\n"
    " \"progression\": [{\"duration\": 0.5, \"voices\": [{\"synth_function_name\":"
    " \"binaural_beat\", \"params\": {\"baseFreq\": 200, \"beatFreq\": 4}}]}],\n"
    " \"background_noise\": {\"file_path\": \"quiet.noise\"}}\n";

static void make_song(const char *path, uint32_t notes)
{
    static play_list list;
    ps_score *score;
    size_t size_bytes;
    uint8_t *bytes;

    memset(&list, 0, sizeof list);
    for (uint32_t i = 0; i < notes; i++) {
        play_on(&list, 20 * i, i % 3, 60 + i % 12, 100);
        play_off(&list, 20 * i + 100, i % 3, 60 + i % 12);
    }
    score = play_score(&list);
    assert_int_equal(ps_score_write(score, &bytes, &size_bytes, NULL, NULL), PS_OK);
    make_file(path, bytes, size_bytes);
    ps_free(NULL, bytes);
    ps_score_destroy(score);
}

static void make_bank(const char *path)
{
    sf2_builder b;
    size_t size_bytes;
    uint32_t sine, instrument;
    uint8_t *bytes;

    sf2_init(&b);
    sine = play_sine(&b);
    instrument = sf2_instrument(&b, "sine");
    sf2_zone(&b, sine);
    sf2_gen(&b, 54, 1); /* looped */
    sf2_simple_preset(&b, "Grand", 0, 0, instrument);
    bytes = sf2_build(&b, &size_bytes);
    make_file(path, bytes, size_bytes);
    free(bytes);
    sf2_clear(&b);
}

static void remove_all(const char *folder_path)
{
    char command[512];

    snprintf(command, sizeof command, "rm -rf '%s'", folder_path);
    assert_int_equal(system(command), 0);
}

static ps_render_request request_for(uint32_t threads)
{
    ps_render_request request = ps_render_defaults();

    request.soundfont_paths[0] = "bank.sf2";
    request.soundfont_count = 1;
    request.threads = threads;
    request.file.rate_hz = 0;
    request.container_from_name = false;
    request.file.container = PS_CONTAINER_WAV;
    return request;
}

/* A few songs, a long one, a track, an audio file, one that is broken and one that is missing. */
static const ps_batch_input all[] = {
    {"a.mid", NULL},    {"b.mid", NULL},      {"long.mid", "deep/er/long"}, {"track.json", NULL},
    {"take.wav", "in"}, {"broken.mid", NULL}, {"missing.mid", NULL},        {"sub/a.mid", NULL},
    {"a.mid", NULL},    {"a.mid", "again"},
};
#define ALL    (sizeof all / sizeof all[0])
#define BROKEN 5u
#define ABSENT 6u
#define SECOND 7u
#define TWICE  8u

static int prepare(void **state)
{
    ps_render_request request;

    if (in_folder(state) != 0)
        return -1;
    assert_int_equal(mkdir("sub", 0777), 0);
    make_bank("bank.sf2");
    make_song("a.mid", 4);
    make_song("b.mid", 8);
    make_song("sub/a.mid", 5);
    make_song("long.mid", 400);
    make_file("broken.mid", "this is not music", 17);
    make_file("track.json", track_text, sizeof track_text - 1);
    make_file("quiet.noise", "{\"noise_type\": \"pink\", \"amp\": 0.1}", 35);
    request = request_for(1);
    request.input_path = "b.mid";
    request.output_path = "take.wav";
    return ps_render_file(&request, NULL, NULL) == PS_OK ? 0 : -1;
}

static int clear_up(void **state)
{
    remove_all("sub");
    return out_of_folder(state);
}

static ps_status run(ps_batch_results **results, const ps_render_request *request, bool resume,
                     ps_error *err)
{
    const ps_batch_options options = {.output_dir = "out", .resume = resume};

    return ps_batch_run(results, request, &options, all, ALL, err);
}

static void count(const ps_batch_results *results, size_t done, size_t skipped, size_t failed)
{
    ps_batch_totals totals;

    ps_batch_results_totals(results, &totals);
    assert_int_equal(totals.done, done);
    assert_int_equal(totals.skipped, skipped);
    assert_int_equal(totals.failed, failed);
    assert_int_equal(totals.pending, totals.files - done - skipped - failed);
}

static void each_file_is_what_it_is_alone(void **state)
{
    static const uint32_t threads[] = {1, 2, 5};

    (void)state;
    for (size_t t = 0; t < 3; t++) {
        const ps_render_request request = request_for(threads[t]);
        ps_batch_results *results;

        assert_int_equal(run(&results, &request, false, NULL), PS_OK);
        count(results, ALL - 2, 0, 2);
        for (size_t i = 0; i < ALL; i++) {
            const ps_batch_result *result = ps_batch_results_nth(results, i);
            ps_render_request one = request_for(1);
            ps_render_report report;
            size_t size_bytes;
            uint8_t *bytes;

            assert_string_equal(result->input_path, all[i].path);
            if (result->outcome == PS_BATCH_FAILED)
                continue;
            one.input_path = all[i].path;
            one.output_path = "one.wav";
            assert_int_equal(i == 4 ? ps_process_file(&one, &report, NULL)
                                    : ps_render_file(&one, &report, NULL),
                             PS_OK);
            bytes = read_whole("one.wav", &size_bytes);
            holds(result->output_path, bytes, size_bytes);
            free(bytes);
            assert_int_equal(result->frames, report.frames);
            assert_true(result->levels.peak == report.levels.peak);
            assert_true(result->levels.integrated_lufs == report.levels.integrated_lufs);
        }
        assert_null(ps_batch_results_nth(results, ALL));
        ps_batch_results_destroy(results);
        remove_all("out");
    }
    remove("one.wav");
}

static void a_file_that_fails_says_why_and_stops_nobody(void **state)
{
    const ps_render_request request = request_for(2);
    ps_batch_results *results;
    const ps_batch_result *broken, *absent;

    (void)state;
    assert_int_equal(run(&results, &request, false, NULL), PS_OK);
    broken = ps_batch_results_nth(results, BROKEN);
    absent = ps_batch_results_nth(results, ABSENT);
    assert_int_equal(broken->outcome, PS_BATCH_FAILED);
    assert_int_equal(broken->error->status, PS_BAD_DATA);
    assert_string_equal(broken->error->path, "broken.mid");
    assert_int_equal(absent->error->status, PS_NOT_FOUND);
    assert_string_equal(absent->key, "");
    assert_null(ps_batch_results_nth(results, 0)->error);
    assert_true(access(broken->output_path, F_OK) != 0);
    ps_batch_results_destroy(results);
    remove_all("out");
}

static void names_that_collide_are_numbered_in_order(void **state)
{
    static const ps_batch_input inputs[] = {
        {"a.mid", "x"},   {"b.mid", "x"},   {"sub/a.mid", "X"},      {"long.mid", "x-2"},
        {"a.mid", "y/x"}, {"a.mid", "x"},   {"b.mid", "x"},          {"track.json", "x"},
        {"none", "x-10"}, {"none/a", NULL}, {"none/deep/a.b", NULL}, {"b.mid", "y/X"},
    };
    static const char *const names[] = {
        "out/x.wav",   "out/x-3.wav", "out/X-4.wav",  "out/x-2.wav", "out/y/x.wav", "out/x.wav",
        "out/x-3.wav", "out/x-5.wav", "out/x-10.wav", "out/a.wav",   "out/a-2.wav", "out/y/X-2.wav",
    };
    const ps_batch_options options = {.output_dir = "out"};
    const ps_render_request request = request_for(2);
    ps_batch_results *results;

    (void)state;
    assert_int_equal(
        ps_batch_run(&results, &request, &options, inputs, sizeof inputs / sizeof *inputs, NULL),
        PS_OK);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        assert_string_equal(ps_batch_results_nth(results, i)->output_path, names[i]);
    assert_int_equal(ps_batch_results_nth(results, 5)->same_as, 0);
    assert_int_equal(ps_batch_results_nth(results, 6)->same_as, 1);
    assert_int_equal(ps_batch_results_nth(results, 0)->same_as, SIZE_MAX);
    ps_batch_results_destroy(results);
    remove_all("out");
}

static void names_that_lead_out_are_refused(void **state)
{
    static const char *const names[] = {"",     "/x",  "../x", "x/../../y", "x//y",
                                        "x/..", "./x", "x/",   ".."};
    const ps_batch_options options = {.output_dir = "out"};
    const ps_render_request request = request_for(1);

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const ps_batch_input input = {"a.mid", names[i]};
        ps_batch_results *results = NULL;
        ps_error err = {0};

        assert_int_equal(ps_batch_run(&results, &request, &options, &input, 1, &err),
                         PS_BAD_ARGUMENT);
        assert_null(results);
        assert_string_equal(err.path, "a.mid");
    }
    assert_true(access("out", F_OK) != 0);
}

static void resuming_makes_only_what_is_missing(void **state)
{
    const ps_render_request request = request_for(2);
    ps_batch_results *results;
    struct stat before, after;
    double peak;

    (void)state;
    assert_int_equal(run(&results, &request, true, NULL), PS_OK);
    count(results, ALL - 2, 0, 2);
    peak = ps_batch_results_nth(results, 0)->levels.peak;
    ps_batch_results_destroy(results);
    assert_int_equal(stat("out/a.wav", &before), 0);
    assert_int_equal(remove("out/b.wav"), 0);

    assert_int_equal(run(&results, &request, true, NULL), PS_OK);
    count(results, 1, ALL - 3, 2);
    assert_int_equal(ps_batch_results_nth(results, 1)->outcome, PS_BATCH_DONE);
    assert_int_equal(ps_batch_results_nth(results, TWICE)->outcome, PS_BATCH_SKIPPED);
    assert_true(ps_batch_results_nth(results, 0)->levels.peak == peak);
    ps_batch_results_destroy(results);
    assert_int_equal(stat("out/a.wav", &after), 0);
    assert_true(after.st_ino == before.st_ino); /* not even replaced by its like */

    make_file("out/a.wav", "cut short", 9);
    assert_int_equal(run(&results, &request, true, NULL), PS_OK);
    count(results, 2, ALL - 4, 2); /* and its twin */
    ps_batch_results_destroy(results);
    remove_all("out");
}

/* Renders a.mid and the track, or skips them: true when the key of the i-th has changed. */
static bool is_made_again(const ps_render_request *request, size_t i)
{
    static const ps_batch_input inputs[] = {{"a.mid", NULL}, {"track.json", NULL}};
    const ps_batch_options options = {.output_dir = "out", .resume = true};
    ps_batch_results *results;
    bool again;

    assert_int_equal(ps_batch_run(&results, request, &options, &inputs[i], 1, NULL), PS_OK);
    again = ps_batch_results_nth(results, 0)->outcome == PS_BATCH_DONE;
    assert_true(again || ps_batch_results_nth(results, 0)->outcome == PS_BATCH_SKIPPED);
    ps_batch_results_destroy(results);
    return again;
}

/* clang-format off */
/* Every option of a request that is heard, or stands in the file. */
static bool change(ps_render_request *r, unsigned option)
{
    static const ps_tag tags[] = {{"title", "x"}, {"title", "y"}};

    switch (option) {
    case 0: r->file.samples = PS_SAMPLE_INT24; return true;
    case 1: r->file.rate_hz = 8000; return true;
    case 2: r->file.channels = 1; return true;
    case 3: r->file.dither = !r->file.dither; return true;
    case 4: r->file.seed = 7; return true;
    case 5: r->file.quality = 3.0; return true;
    case 6: r->file.tags = tags, r->file.tag_count = 1; return true;
    case 7: r->file.tags = tags + 1, r->file.tag_count = 1; return true;
    case 8: r->performance.synth.polyphony = 2; return true;
    case 9: r->performance.synth.interpolation = PS_INTERPOLATE_LINEAR; return true;
    case 10: r->performance.synth.bank_mode = PS_BANK_XG; return true;
    case 11: r->performance.synth.gain *= 0.5; return true;
    case 12: r->performance.synth.reverb_gain = 0.0; return true;
    case 13: r->performance.synth.chorus_gain = 0.0; return true;
    case 14: r->performance.synth.velocity_to_filter = true; return true;
    case 15: r->performance.tail_sec = 0.5; return true;
    case 16: r->performance.loops = 1; return true;
    case 17: r->strict = true; return true;
    case 18: r->effects_tail_sec = 1.0; return true;
    case 19: r->level_mode = PS_LEVEL_NONE; return true;
    case 20: r->level_mode = PS_LEVEL_PEAK, r->level_db = -3.0; return true;
    case 21: r->level_mode = PS_LEVEL_PEAK, r->level_db = -4.0; return true;
    case 22: r->fixed_gain = 0.5; return true;
    case 23: r->reference = true; return true;
    case 24: r->seed = 3; return true;
    case 25: r->start_sec = 0.01; return true;
    case 26: r->duration_sec = 0.05; return true;
    case 27: r->fade_in_sec = 0.01; return true;
    case 28: r->fade_out_sec = 0.01; return true;
    case 29: r->soundfont_offsets[0] = 1; return true;
    case 30: r->soundfont_paths[1] = "bank.sf2", r->soundfont_count = 2; return true;
    case 31: r->master = true; return true;
    default: return false;
    }
}
/* clang-format on */

static void every_option_is_a_part_of_the_key(void **state)
{
    const ps_render_request plain = request_for(1);
    unsigned option = 0;

    (void)state;
    for (;; option++) {
        ps_render_request changed = plain;

        if (!change(&changed, option))
            break;
        is_made_again(&plain, 0);
        assert_false(is_made_again(&plain, 0));
        if (!is_made_again(&changed, 0))
            fail_msg("option %u is not a part of the key", option);
    }
    assert_int_equal(option, 32);
    remove_all("out");
}

static void chains_are_a_part_of_the_key_with_their_files(void **state)
{
    ps_render_request request = request_for(1);
    ps_channel_effects channel = {0};
    ps_chain *one, *other;

    (void)state;
    assert_int_equal(ps_chain_read_any(&one, "convolver:ir=take.wav,wet=0.3", NULL), PS_OK);
    assert_int_equal(ps_chain_read_any(&other, "gain:-3", NULL), PS_OK);
    assert_true(is_made_again(&request, 0));
    request.effects = one;
    assert_true(is_made_again(&request, 0));
    assert_false(is_made_again(&request, 0));
    assert_int_equal(rename("take.wav", "kept.wav"), 0);
    request.input_path = "a.mid"; /* another response under the same name */
    request.output_path = "take.wav";
    request.effects = NULL;
    assert_int_equal(ps_render_file(&request, NULL, NULL), PS_OK);
    request.effects = one;
    assert_true(is_made_again(&request, 0));
    assert_int_equal(rename("kept.wav", "take.wav"), 0);
    request.effects = other;
    assert_true(is_made_again(&request, 0));
    channel.chain = other;
    request.channel_effects = &channel;
    request.channel_effects_count = 1;
    assert_true(is_made_again(&request, 0));
    channel.channel = 1;
    assert_true(is_made_again(&request, 0));
    assert_false(is_made_again(&request, 0));
    ps_chain_destroy(one);
    ps_chain_destroy(other);
    remove_all("out");
}

static void contents_are_a_part_of_the_key(void **state)
{
    const ps_render_request request = request_for(1);

    (void)state;
    assert_true(is_made_again(&request, 0));
    assert_true(is_made_again(&request, 1));
    make_song("a.mid", 3);
    assert_true(is_made_again(&request, 0));
    assert_false(is_made_again(&request, 1));
    make_song("a.mid", 4);
    assert_true(is_made_again(&request, 0));
    make_file("quiet.noise", "{\"noise_type\": \"pink\", \"amp\": 0.2}", 35);
    assert_true(is_made_again(&request, 1)); /* the track names it */
    make_file("quiet.noise", "{\"noise_type\": \"pink\", \"amp\": 0.1}", 35);
    assert_true(is_made_again(&request, 1));
    assert_false(is_made_again(&request, 0));
    assert_int_equal(rename("bank.sf2", "kept.sf2"), 0);
    make_bank("bank.sf2"); /* the same bytes */
    assert_false(is_made_again(&request, 0));
    assert_int_equal(rename("kept.sf2", "bank.sf2"), 0);
    remove_all("out");
}

static void a_manifest_keeps_what_other_batches_wrote(void **state)
{
    const ps_render_request request = request_for(1);

    (void)state;
    assert_true(is_made_again(&request, 0));
    assert_true(is_made_again(&request, 1));
    assert_false(is_made_again(&request, 0));
    assert_false(is_made_again(&request, 1));
    remove_all("out");
}

static void what_is_no_manifest_is_not_resumed(void **state)
{
    const ps_render_request request = request_for(1);
    ps_batch_results *results = NULL;
    ps_error err = {0};

    (void)state;
    assert_int_equal(mkdir("out", 0777), 0);
    make_file("out/" PS_BATCH_MANIFEST, "{\"files\": []}", 13);
    assert_int_equal(run(&results, &request, true, &err), PS_BAD_DATA);
    assert_string_equal(err.path, "out/" PS_BATCH_MANIFEST);
    assert_null(results);
    holds("out/" PS_BATCH_MANIFEST, "{\"files\": []}", 13);
    assert_int_equal(run(&results, &request, false, &err), PS_OK);
    ps_batch_results_destroy(results);
    assert_int_equal(run(&results, &request, true, &err), PS_OK);
    count(results, 0, ALL - 2, 2);
    ps_batch_results_destroy(results);
    remove_all("out");
}

static void an_input_is_not_written_over(void **state)
{
    static const ps_batch_input inputs[] = {{"take.wav", NULL}, {"a.mid", "take"}};
    const ps_batch_options options = {.output_dir = ".", .manifest_path = "out.json"};
    const ps_render_request request = request_for(1);
    ps_batch_results *results;
    size_t size_bytes;
    uint8_t *bytes = read_whole("take.wav", &size_bytes);

    (void)state;
    assert_int_equal(ps_batch_run(&results, &request, &options, inputs, 2, NULL), PS_OK);
    assert_int_equal(ps_batch_results_nth(results, 0)->error->status, PS_BAD_ARGUMENT);
    assert_string_equal(ps_batch_results_nth(results, 1)->output_path, "./take-2.wav");
    assert_int_equal(ps_batch_results_nth(results, 1)->outcome, PS_BATCH_DONE);
    holds("take.wav", bytes, size_bytes);
    free(bytes);
    ps_batch_results_destroy(results);
    remove("take-2.wav");
    remove("out.json");
}

/* ---- Progress ----------------------------------------------------------------------------- */

typedef struct listener {
    double done;
    size_t outcomes, stop_after;
    size_t open, most_open; /* files begun and not ended */
    bool begun[ALL];
    bool inside, backwards, overlapped;
} listener;

static void follow(listener *l, const ps_batch_state *state)
{
    const bool begins = !state->result && strcmp(state->stage, "reading") != 0;

    if (begins && !l->begun[state->index]) {
        l->begun[state->index] = true;
        l->open++;
    }
    if (state->result && l->begun[state->index])
        l->open--;
    l->most_open = l->open > l->most_open ? l->open : l->most_open;
}

static bool listen(void *user, const ps_batch_state *state)
{
    listener *l = user;
    bool go_on;

    l->overlapped |= l->inside;
    l->inside = true;
    l->backwards |= state->done < l->done - 1e-9;
    l->done = state->done;
    l->outcomes += state->result != NULL;
    follow(l, state);
    go_on = l->outcomes < l->stop_after;
    l->inside = false;
    return go_on;
}

static void progress_goes_forward_to_the_end(void **state)
{
    listener l = {.stop_after = SIZE_MAX};
    const ps_batch_options options = {.output_dir = "out", .progress = listen, .progress_user = &l};
    const ps_render_request request = request_for(3);
    ps_batch_results *results;

    (void)state;
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, NULL), PS_OK);
    assert_int_equal(l.outcomes, ALL - 1); /* one is there twice */
    assert_true(l.done > 1.0 - 1e-9);
    assert_false(l.backwards);
    assert_false(l.overlapped);
    assert_in_range(l.most_open, 1, 3); /* as many as threads */
    ps_batch_results_destroy(results);
    remove_all("out");
}

static void a_stop_that_comes_too_late_is_none(void **state)
{
    listener l = {.stop_after = ALL - 1};
    const ps_batch_options options = {.output_dir = "out", .progress = listen, .progress_user = &l};
    const ps_render_request request = request_for(2);
    ps_batch_results *results;

    (void)state;
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, NULL), PS_OK);
    count(results, ALL - 2, 0, 2);
    ps_batch_results_destroy(results);
    remove_all("out");
}

static void a_batch_that_is_stopped_can_be_resumed(void **state)
{
    listener l = {.stop_after = 2};
    const ps_batch_options options = {.output_dir = "out", .progress = listen, .progress_user = &l};
    const ps_render_request request = request_for(2);
    ps_batch_results *results;
    ps_batch_totals totals;
    ps_error err = {0};

    (void)state;
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, &err), PS_CANCELLED);
    ps_batch_results_totals(results, &totals);
    assert_in_range(totals.pending, 1, ALL - 2);
    ps_batch_results_destroy(results);
    assert_int_equal(run(&results, &request, true, NULL), PS_OK);
    ps_batch_results_totals(results, &totals);
    assert_int_equal(totals.failed, 2);
    assert_int_equal(totals.done + totals.skipped, ALL - 2);
    ps_batch_results_destroy(results);
    remove_all("out");
}

static void count_warning(void *user, const ps_error *warning)
{
    listener *l = user;

    l->overlapped |= l->inside;
    l->inside = true;
    l->outcomes++;
    assert_string_equal(warning->path, "cut.mid");
    l->inside = false;
}

static void warnings_are_counted_by_file(void **state)
{
    static const ps_batch_input inputs[] = {{"cut.mid", NULL}, {"a.mid", NULL}};
    const ps_batch_options options = {.output_dir = "out"};
    ps_render_request request = request_for(2);
    ps_batch_results *results;
    listener l = {0};
    size_t size_bytes = 0;
    uint8_t *bytes = read_whole("b.mid", &size_bytes);

    (void)state;
    assert_non_null(bytes);
    make_file("cut.mid", bytes, size_bytes - 6);
    free(bytes);
    request.warnings = (ps_warnings){count_warning, &l};
    assert_int_equal(ps_batch_run(&results, &request, &options, inputs, 2, NULL), PS_OK);
    assert_true(l.outcomes > 0);
    assert_false(l.overlapped);
    assert_int_equal(ps_batch_results_nth(results, 0)->warnings, l.outcomes);
    assert_int_equal(ps_batch_results_nth(results, 1)->warnings, 0);
    ps_batch_results_destroy(results);
    remove("cut.mid");
    remove_all("out");
}

/* ---- Failing ------------------------------------------------------------------------------ */

static void what_cannot_begin_says_so(void **state)
{
    ps_render_request request = request_for(1);
    ps_batch_options options = {.output_dir = "a.mid/out"};
    ps_batch_results *results = NULL;
    ps_error err = {0};

    (void)state;
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, &err), PS_CANNOT_WRITE);
    options.output_dir = "out";
    request.soundfont_paths[0] = "none.sf2";
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, &err), PS_NOT_FOUND);
    assert_string_equal(err.path, "none.sf2");
    request.soundfont_paths[0] = "bank.sf2";
    request.stems_dir = "stems";
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, &err), PS_UNSUPPORTED);
    request.stems_dir = NULL;
    request.file.container = PS_CONTAINER_NULL;
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, &err), PS_BAD_ARGUMENT);
    request.file.container = PS_CONTAINER_WAV;
    options.output_dir = "";
    assert_int_equal(ps_batch_run(&results, &request, &options, all, ALL, &err), PS_BAD_ARGUMENT);
    assert_null(results);
    assert_true(access("out", F_OK) != 0);
}

static size_t part_files(const char *path)
{
    DIR *list = opendir(path);
    size_t parts = 0;

    if (!list)
        return 0;
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;)
        parts += strstr(entry->d_name, ".part") != NULL;
    closedir(list);
    return parts;
}

static void a_failing_allocation_fails_a_file_or_the_batch(void **state)
{
    static const ps_batch_input inputs[] = {{"a.mid", NULL}, {"track.json", NULL}, {"b.mid", "a"}};
    const ps_batch_options options = {.output_dir = "out", .resume = true};
    const int descriptors = open_descriptors();
    ps_render_request request = request_for(1);
    bool spent = true;

    (void)state;
    request.file.rate_hz = 8000;
    request.performance.tail_sec = 0.0;
    for (long allowed = 0; spent; allowed++) {
        ps_batch_results *results = NULL;
        ps_status status;

        assert_true(allowed < 20000);
        heap_allowed = allowed;
        status = ps_batch_run(&results, &request, &options, inputs, 3, NULL);
        spent = heap_allowed == 0;
        heap_allowed = -1;
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        for (size_t i = 0; results && i < 3; i++) {
            const ps_batch_result *result = ps_batch_results_nth(results, i);

            assert_true(spent || result->outcome == PS_BATCH_DONE);
            assert_true(result->outcome != PS_BATCH_FAILED || result->error);
        }
        ps_batch_results_destroy(results);
        assert_int_equal(open_descriptors(), descriptors);
        assert_int_equal(part_files("out"), 0);
        remove_all("out");
    }
}

/* ---- Inputs ------------------------------------------------------------------------------- */

static void folders_are_walked_in_order(void **state)
{
    static const char *const files[] = {"in/b.MID", "in/a.kar",      "in/.hidden.mid",
                                        "in/x.txt", "in/s/c.rmi",    "in/s/d.json",
                                        "in/z.wav", "in/s/.x/e.mid", "in/plainsong-batch.json"};
    static const char *const paths[] = {"in/a.kar",    "in/b.MID", "in/s/c.rmi",
                                        "in/s/d.json", "none.mid", "in/z.wav"};
    static const char *const names[] = {"a", "b", "s/c", "s/d", NULL, NULL};
    ps_batch_inputs *inputs;
    const ps_batch_input *items;
    size_t found;

    (void)state;
    assert_int_equal(mkdir("in", 0777), 0);
    assert_int_equal(mkdir("in/s", 0777), 0);
    assert_int_equal(mkdir("in/s/.x", 0777), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        make_file(files[i], "x", 1);
    assert_int_equal(symlink("..", "in/s/loop"), 0);
    assert_int_equal(symlink("nowhere", "in/gone.mid"), 0);
    assert_int_equal(ps_batch_inputs_create(&inputs, NULL), PS_OK);
    assert_int_equal(ps_batch_inputs_add(inputs, "in", NULL), PS_OK);
    assert_int_equal(ps_batch_inputs_add(inputs, "none.mid", NULL), PS_OK);
    assert_int_equal(ps_batch_inputs_add(inputs, "in/z.wav", NULL), PS_OK);
    items = ps_batch_inputs_items(inputs, &found);
    assert_int_equal(found, 6);
    for (size_t i = 0; i < found; i++) {
        assert_string_equal(items[i].path, paths[i]);
        if (names[i])
            assert_string_equal(items[i].name, names[i]);
        else
            assert_null(items[i].name);
    }
    ps_batch_inputs_destroy(inputs);
    remove_all("in");
}

static void a_failing_allocation_loses_no_input(void **state)
{
    ps_status status = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        ps_batch_inputs *inputs = NULL;

        assert_true(allowed < 1000);
        heap_allowed = allowed;
        status = ps_batch_inputs_create(&inputs, NULL);
        for (int i = 0; i < 20 && status == PS_OK; i++)
            status = ps_batch_inputs_add(inputs, i % 2 ? "." : "a.mid", NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        ps_batch_inputs_destroy(inputs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_is_what_it_is_alone),
        cmocka_unit_test(a_file_that_fails_says_why_and_stops_nobody),
        cmocka_unit_test(names_that_collide_are_numbered_in_order),
        cmocka_unit_test(names_that_lead_out_are_refused),
        cmocka_unit_test(resuming_makes_only_what_is_missing),
        cmocka_unit_test(every_option_is_a_part_of_the_key),
        cmocka_unit_test(chains_are_a_part_of_the_key_with_their_files),
        cmocka_unit_test(contents_are_a_part_of_the_key),
        cmocka_unit_test(a_manifest_keeps_what_other_batches_wrote),
        cmocka_unit_test(what_is_no_manifest_is_not_resumed),
        cmocka_unit_test(an_input_is_not_written_over),
        cmocka_unit_test(progress_goes_forward_to_the_end),
        cmocka_unit_test(a_stop_that_comes_too_late_is_none),
        cmocka_unit_test(a_batch_that_is_stopped_can_be_resumed),
        cmocka_unit_test(warnings_are_counted_by_file),
        cmocka_unit_test(what_cannot_begin_says_so),
        cmocka_unit_test(a_failing_allocation_fails_a_file_or_the_batch),
        cmocka_unit_test(folders_are_walked_in_order),
        cmocka_unit_test(a_failing_allocation_loses_no_input),
    };

    return cmocka_run_group_tests(tests, prepare, clear_up);
}
