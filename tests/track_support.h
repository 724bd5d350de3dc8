/* Tracks for tests: from JSON text to a source, and its frames. */
#ifndef TESTS_TRACK_SUPPORT_H
#define TESTS_TRACK_SUPPORT_H

#include "voice_support.h"

#include "plainsong/source.h"
#include "plainsong/track.h"

static inline ps_track *track_read_with(const char *text, const ps_track_read_options *options)
{
    json_error_t why;
    json_t *json = json_loads(text, 0, &why);
    ps_error err = {0};
    ps_track *track = NULL;

    if (!json)
        fail_msg("bad JSON in a test: %s at %d", why.text, why.position);
    ps_value document = value_of(json);
    if (ps_track_read(&track, &document, options, &err) != PS_OK)
        fail_msg("%s", err.text);
    value_free(&document);
    json_decref(json);
    return track;
}

static inline ps_track *track_of(const char *text)
{
    return track_read_with(text, NULL);
}

/* Pulls what is left of a source, at most so many frames, in blocks of `block` frames. */
static inline test_sound sound_pull(ps_source *source, uint64_t most, uint32_t block)
{
    test_sound sound = {malloc((most + block) * sizeof(float)),
                        malloc((most + block) * sizeof(float)), 0};

    while (sound.frames < most) {
        const uint64_t rest = most - sound.frames;
        const ps_block b = {sound.left + sound.frames, sound.right + sound.frames,
                            rest < block ? (uint32_t)rest : block};
        const uint32_t got = ps_source_pull(source, b);

        sound.frames += got;
        if (got < b.frames)
            break;
    }
    return sound;
}

static inline void sounds_equal(const test_sound *a, const test_sound *b)
{
    assert_int_equal(a->frames, b->frames);
    for (uint64_t i = 0; i < a->frames; i++) {
        if (a->left[i] != b->left[i] || a->right[i] != b->right[i])
            fail_msg("frame %llu: %.9g %.9g and %.9g %.9g", (unsigned long long)i,
                     (double)a->left[i], (double)a->right[i], (double)b->left[i],
                     (double)b->right[i]);
    }
}

#endif
