/* A first look at a batch's inputs: what they are, how long they will sound, their content. */
#ifndef PLAINSONG_EDGE_BATCH_SURVEY_H
#define PLAINSONG_EDGE_BATCH_SURVEY_H

#include <sys/stat.h>

#include "gpu/digest.h"
#include "plainsong/render.h"

typedef enum ps_batch_kind {
    PS_BATCH_UNKNOWN, /* cannot be read, or is damaged: rendering says why */
    PS_BATCH_MIDI,
    PS_BATCH_TRACK,
    PS_BATCH_AUDIO,
} ps_batch_kind;

typedef struct ps_batch_survey {
    ps_batch_kind kind;
    bool readable;      /* `content` is filled */
    ps_digest content;  /* its bytes, and those of files that a track names */
    double seconds;     /* about so long it will sound; at least a little */
    struct stat before; /* when it was read */
} ps_batch_survey;

void ps_batch_look_at(ps_batch_survey *survey, const char *path);

/* Whether a file's ending says that it is an audio file with a header. */
bool ps_batch_is_audio(const char *path);

/* Whether it is still what was looked at, as far as its size and times tell. */
bool ps_batch_is_unchanged(const ps_batch_survey *survey, const char *path);

#endif
