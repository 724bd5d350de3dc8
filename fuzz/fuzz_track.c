/*
 * Any text as a track: what is read and written reads back the same; strict reading fails exactly
 * when there was a warning; every place that is told can be looked up.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../edge/json.h"
#include "../edge/json_where.h"
#include "plainsong/memory.h"
#include "plainsong/track.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

#define PLACES_MAX 64u /* each costs a walk through the text */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

typedef struct input {
    const char *text;
    size_t text_bytes, warnings, places;
} input;

static void count(void *user, const ps_error *warning)
{
    CHECK(warning->text[0] != '\0');
    ((input *)user)->warnings++;
}

static void locate(void *user, const char *where, ps_error *err)
{
    input *in = user;

    if (in->places++ >= PLACES_MAX)
        return;
    ps_json_where(in->text, in->text_bytes, where, NULL, &err->line, &err->column);
    CHECK(err->line >= 1 && err->column >= 1);
}

static ps_status read_document(ps_track **track, const ps_value *document, input *in, bool strict)
{
    const ps_track_read_options options = {
        .warnings = {count, in}, .locator = {locate, in}, .strict = strict};
    ps_error err = {0};
    const ps_status status = ps_track_read(track, document, &options, &err);

    CHECK(status == PS_OK || (status == PS_BAD_DATA && err.text[0] != '\0'));
    return status;
}

/* A track in order, with numbers that can be played. */
static void check_track(const ps_track *track)
{
    size_t steps_count, clips_count;
    const ps_track_step *steps = ps_track_get_steps(track, &steps_count);
    const ps_track_clip *clips = ps_track_get_clips(track, &clips_count);
    const uint32_t rate_hz = ps_track_get_settings(track)->rate_hz;

    CHECK(rate_hz >= 8000 && rate_hz <= 192000);
    for (size_t i = 0; i < steps_count; i++) {
        CHECK(isfinite(steps[i].start_sec) && fabs(steps[i].duration_sec) <= 1e10);
        for (size_t v = 0; v < steps[i].voice_count; v++)
            CHECK(steps[i].voices[v].function);
    }
    for (size_t i = 0; i < clips_count; i++)
        CHECK(fabs(clips[i].pan) <= 1.0 && isfinite(clips[i].gain));
}

static char *text_of(ps_track *track, size_t *text_bytes)
{
    const ps_value *document = ps_track_write(track);
    char *text;

    CHECK(document);
    CHECK(ps_json_write(&text, text_bytes, document, 4, NULL) == PS_OK);
    return text;
}

static void check_writing(ps_track *track)
{
    size_t text_bytes, again_bytes;
    char *text = text_of(track, &text_bytes), *again_text;
    ps_track *again = NULL;
    ps_json *json = NULL;
    input in = {text, text_bytes, 0, 0};

    CHECK(ps_json_read(&json, text, text_bytes, NULL, NULL) == PS_OK);
    CHECK(read_document(&again, ps_json_value(json), &in, false) == PS_OK);
    again_text = text_of(again, &again_bytes);
    CHECK(text_bytes == again_bytes && memcmp(text, again_text, text_bytes) == 0);
    ps_free(NULL, text);
    ps_free(NULL, again_text);
    ps_track_destroy(again);
    ps_json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    input in = {(const char *)bytes, size_bytes, 0, 0};
    ps_track *track = NULL, *strict = NULL;
    ps_json *json = NULL;
    ps_error err = {0};
    uint32_t line, column;
    const ps_status status = ps_json_read(&json, in.text, size_bytes, NULL, &err);

    /* The scanner walks any bytes without getting lost. */
    ps_json_where(in.text, size_bytes, "progression[1].voices[0].params", NULL, &line, &column);
    CHECK(status == PS_OK || (status == PS_BAD_DATA && err.text[0] != '\0'));
    if (status != PS_OK)
        return 0;
    if (read_document(&track, ps_json_value(json), &in, false) == PS_OK) {
        check_track(track);
        check_writing(track);
        CHECK((read_document(&strict, ps_json_value(json), &in, true) == PS_OK) ==
              (in.warnings == 0));
        ps_track_destroy(strict);
    }
    ps_track_destroy(track);
    ps_json_free(json);
    return 0;
}
