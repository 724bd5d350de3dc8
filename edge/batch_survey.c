/* A first look at a batch's inputs. */
#include "batch_survey.h"

#include <math.h>
#include <string.h>

#include "batch_key.h"
#include "plainsong/track_file.h"

#define LEAST_SEC 0.1 /* a file has a cost of its own */

bool ps_batch_is_audio(const char *path)
{
    ps_container container;

    return ps_container_of_name(path, &container) && container != PS_CONTAINER_RAW &&
           container != PS_CONTAINER_NULL;
}

static void look_at_audio(ps_batch_survey *survey, const char *path)
{
    ps_audio_info info;

    survey->readable = ps_batch_key_add_file(&survey->content, path, NULL) == PS_OK;
    if (ps_audio_file_info(path, &info, NULL) != PS_OK || info.rate_hz == 0)
        return;
    survey->kind = PS_BATCH_AUDIO;
    survey->seconds = (double)info.frames / info.rate_hz;
}

/* To the end of the step that ends last. */
static double track_seconds(const ps_track *track)
{
    double end = 0.0, last = 0.0;
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(track, &count);

    for (size_t i = 0; i < count; i++) {
        end = (isnan(steps[i].start_sec) ? end : steps[i].start_sec) + steps[i].duration_sec;
        last = fmax(last, end);
    }
    return last;
}

static void look_at_track(ps_batch_survey *survey, const char *path, const char *text,
                          size_t text_bytes)
{
    ps_track_file *file;

    ps_batch_key_add_named(&survey->content, text, text_bytes, path);
    if (ps_track_file_read(&file, text, text_bytes, path, NULL, NULL) != PS_OK)
        return;
    survey->kind = PS_BATCH_TRACK;
    survey->seconds = track_seconds(ps_track_file_track(file));
    ps_track_file_close(file);
}

static void look_at_score(ps_batch_survey *survey, const uint8_t *bytes, size_t size_bytes)
{
    ps_score_info info;
    ps_score *score;

    if (ps_score_read(&score, bytes, size_bytes, NULL, NULL) != PS_OK)
        return;
    ps_score_get_info(score, &info);
    survey->kind = PS_BATCH_MIDI;
    survey->seconds = info.music_seconds;
    ps_score_destroy(score);
}

void ps_batch_look_at(ps_batch_survey *survey, const char *path)
{
    ps_file *file = NULL;
    const uint8_t *bytes;
    size_t size_bytes;

    memset(survey, 0, sizeof *survey);
    if (stat(path, &survey->before) == 0 && S_ISREG(survey->before.st_mode)) {
        if (ps_batch_is_audio(path)) {
            look_at_audio(survey, path);
        } else if (ps_file_map(&file, path, NULL) == PS_OK) {
            bytes = ps_file_bytes(file, &size_bytes);
            survey->readable = true;
            survey->content = ps_digest_of((ps_digest){0, 0}, bytes, size_bytes);
            if (ps_track_file_is_likely(bytes, size_bytes))
                look_at_track(survey, path, (const char *)bytes, size_bytes);
            else
                look_at_score(survey, bytes, size_bytes);
            ps_file_close(file);
        }
    }
    if (!(survey->seconds > LEAST_SEC))
        survey->seconds = LEAST_SEC;
}

bool ps_batch_is_unchanged(const ps_batch_survey *survey, const char *path)
{
    const struct stat *before = &survey->before;
    struct stat after;

    return stat(path, &after) == 0 && after.st_size == before->st_size &&
           after.st_dev == before->st_dev && after.st_ino == before->st_ino &&
           after.st_mtime == before->st_mtime && after.st_ctime == before->st_ctime;
}
