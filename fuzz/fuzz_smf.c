/*
 * Any bytes as a MIDI file: read, written and read again they give the same events; strict reading
 * fails exactly when there was a warning; every edit of it keeps the score's promises.
 */
#include <stdlib.h>
#include <string.h>

#include "plainsong/score.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void count_damage(void *user, const ps_error *warning)
{
    CHECK(warning->text[0] != '\0');
    *(size_t *)user += warning->status == PS_BAD_DATA;
}

/* In order, ended tracks, values in range, time that never goes back. */
static void check_score(const ps_score *score)
{
    size_t count, ends = 0;
    const ps_event *events = ps_score_events(score, &count);
    ps_score_info info;
    ps_score_loop loop;
    uint64_t frame = 0;

    ps_score_get_info(score, &info);
    for (size_t i = 0; i < count; i++) {
        const ps_event *e = &events[i];
        const uint64_t next_frame = ps_score_frame(score, e->tick, 44100);

        CHECK(e->order == i && e->track < info.tracks && e->channel < PS_SCORE_CHANNELS);
        CHECK(i == 0 || events[i - 1].tick < e->tick ||
              (events[i - 1].tick == e->tick && events[i - 1].track <= e->track));
        CHECK(next_frame >= frame);
        CHECK(e->kind >= PS_EVENT_SYSEX || (e->a < 128 && e->b < 128));
        CHECK(e->kind != PS_EVENT_NOTE_ON || e->b > 0);
        CHECK((e->data_bytes == 0) == (e->data == NULL));
        ends += e->kind == PS_EVENT_META && e->a == 0x2f;
        frame = next_frame;
    }
    CHECK(ends == info.tracks && count > 0 && info.last_tick == events[count - 1].tick);
    CHECK(ps_score_tick(score, info.seconds) >= info.last_tick || info.seconds > 1e12 ||
          ps_score_seconds(score, info.last_tick) == info.seconds);
    if (ps_score_find_loop(score, &loop))
        CHECK(loop.start_tick < loop.end_tick && loop.end_tick <= info.last_tick);
}

static bool same_events(const ps_score *one, const ps_score *other)
{
    size_t count, other_count;
    const ps_event *a = ps_score_events(one, &count);
    const ps_event *b = ps_score_events(other, &other_count);

    if (count != other_count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (a[i].tick != b[i].tick || a[i].track != b[i].track || a[i].channel != b[i].channel ||
            a[i].kind != b[i].kind || a[i].a != b[i].a || a[i].b != b[i].b ||
            a[i].data_bytes != b[i].data_bytes ||
            (a[i].data_bytes > 0 && memcmp(a[i].data, b[i].data, a[i].data_bytes) != 0))
            return false;
    return true;
}

/* Writes, reads again; `exact`: nothing may have changed. */
static void check_writing(const ps_score *score, bool exact)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    ps_score *back = NULL;
    const ps_status status = ps_score_write(score, &bytes, &size_bytes, NULL, NULL);

    CHECK(status == PS_OK || status == PS_UNSUPPORTED);
    if (status != PS_OK)
        return;
    CHECK(ps_score_read(&back, bytes, size_bytes, NULL, NULL) == PS_OK);
    check_score(back);
    CHECK(!exact || same_events(score, back));
    ps_score_destroy(back);
    ps_free(NULL, bytes);
}

/* An edit may refuse, but what it makes is a score. */
static void check_edit(ps_status status, ps_score *made)
{
    CHECK(status == PS_OK || status == PS_BAD_ARGUMENT || status == PS_UNSUPPORTED);
    CHECK((status == PS_OK) == (made != NULL));
    if (!made)
        return;
    check_score(made);
    check_writing(made, false);
    ps_score_destroy(made);
}

/* Parameters of the edits, from the input's last bytes: those a file can do without. */
typedef struct dice {
    const uint8_t *bytes;
    size_t left;
} dice;

static uint8_t roll(dice *d)
{
    return d->left > 0 ? d->bytes[--d->left] : 0;
}

#define EDIT(call)                                                                                 \
    do {                                                                                           \
        ps_score *made = NULL;                                                                     \
        const ps_status status = call;                                                             \
        check_edit(status, made);                                                                  \
    } while (0)

static void run_edits(const ps_score *score, dice d)
{
    const ps_score *const twice[] = {score, score};
    ps_channel_set set = ps_channels_none();
    uint16_t map[PS_SCORE_CHANNELS];
    ps_click_options click = {roll(&d) & 3u, roll(&d) & 1u, roll(&d), 76, 77, 120, 90};
    ps_score_info info;
    double start_sec;

    ps_score_get_info(score, &info);
    for (uint32_t i = 0; i < PS_SCORE_CHANNELS; i++)
        map[i] = (uint16_t)((i * (roll(&d) | 1u)) & 255u);
    for (int i = 0; i < 8; i++)
        ps_channels_add(&set, roll(&d));
    /* A million clicks are allowed, but are the same again and again. */
    click.whole_piece = click.whole_piece && info.last_tick / 100 < info.ticks_per_quarter;
    start_sec = info.seconds * roll(&d) / 255.0;
    EDIT(ps_score_transpose(&made, score, roll(&d) - 128, &set, NULL, NULL));
    EDIT(ps_score_scale_tempo(&made, score, roll(&d) / 16.0, NULL, NULL));
    EDIT(ps_score_set_tempo(&made, score, roll(&d), NULL, NULL));
    EDIT(
        ps_score_scale_velocity(&made, score, roll(&d) / 64.0, roll(&d) - 128.0, &set, NULL, NULL));
    EDIT(ps_score_quantize(&made, score, roll(&d) / 32.0, roll(&d) / 255.0, roll(&d) / 255.0, &set,
                           NULL, NULL));
    EDIT(ps_score_trim(&made, score, start_sec, start_sec + roll(&d) - 1.0, NULL, NULL));
    EDIT(ps_score_merge(&made, twice, 2, NULL, NULL));
    EDIT(ps_score_only_channels(&made, score, &set, NULL, NULL));
    EDIT(ps_score_only_track(&made, score, roll(&d), NULL, NULL));
    EDIT(ps_score_remap(&made, score, map, NULL, NULL));
    EDIT(ps_score_add_click(&made, score, &click, NULL, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    size_t damage = 0;
    ps_score_options options = {.warnings = {count_damage, &damage}};
    ps_score *score = NULL, *strict = NULL;
    ps_error err;
    const ps_status status = ps_score_read(&score, bytes, size_bytes, &options, &err);

    CHECK(status == PS_OK || (status == PS_BAD_DATA && !score && err.text[0] != '\0'));
    options.strict = true;
    CHECK(ps_score_read(&strict, bytes, size_bytes, &options, &err) ==
          (status == PS_OK && damage == 0 ? PS_OK : PS_BAD_DATA));
    ps_score_destroy(strict);
    if (status != PS_OK)
        return 0;
    check_score(score);
    check_writing(score, true);
    run_edits(score, (dice){bytes, size_bytes});
    ps_score_destroy(score);
    return 0;
}
