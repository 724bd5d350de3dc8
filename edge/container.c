/* Names of audio file formats. */
#include "plainsong/file.h"

#include <string.h>
#include <strings.h>

typedef struct name {
    const char *name;
    ps_container container;
} name;

/* The first name of a container is its own; the others are further extensions. */
static const name names[] = {
    {"wav", PS_CONTAINER_WAV},  {"aiff", PS_CONTAINER_AIFF}, {"flac", PS_CONTAINER_FLAC},
    {"mp3", PS_CONTAINER_MP3},  {"ogg", PS_CONTAINER_OGG},   {"opus", PS_CONTAINER_OPUS},
    {"raw", PS_CONTAINER_RAW},  {"null", PS_CONTAINER_NULL}, {"wave", PS_CONTAINER_WAV},
    {"rf64", PS_CONTAINER_WAV}, {"aif", PS_CONTAINER_AIFF},  {"aifc", PS_CONTAINER_AIFF},
    {"oga", PS_CONTAINER_OGG},  {"pcm", PS_CONTAINER_RAW},
};

#define NAMES (sizeof names / sizeof *names)

bool ps_container_of_format(const char *format, ps_container *container)
{
    for (size_t i = 0; i < NAMES; i++)
        if (strcasecmp(format, names[i].name) == 0) {
            *container = names[i].container;
            return true;
        }
    return false;
}

bool ps_container_of_name(const char *file_name, ps_container *container)
{
    const char *slash = strrchr(file_name, '/');
    const char *base = slash ? slash + 1 : file_name;
    const char *dot = strrchr(base, '.');

    if (strcmp(file_name, "null:") == 0) {
        *container = PS_CONTAINER_NULL;
        return true;
    }
    return dot && strcasecmp(dot, ".null") != 0 && ps_container_of_format(dot + 1, container);
}

const char *ps_container_format(ps_container container)
{
    for (size_t i = 0; i < NAMES; i++)
        if (names[i].container == container)
            return names[i].name;
    return "unknown";
}
