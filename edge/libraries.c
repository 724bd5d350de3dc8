/* Which libraries are loaded, for bug reports. */
#include "plainsong/file.h"

#include <jansson.h>
#include <png.h>
#include <sndfile.h>
#include <soxr.h>
#include <stdio.h>
#include <string.h>

/* "libsndfile-1.2.0" becomes "1.2.0". */
static const char *after_dash(const char *words)
{
    const char *dash = strchr(words, '-');

    return dash ? dash + 1 : words;
}

bool ps_library_version(uint32_t index, char *text, size_t text_bytes)
{
    switch (index) {
    case 0:
        snprintf(text, text_bytes, "libsndfile %s", after_dash(sf_version_string()));
        return true;
    case 1:
        snprintf(text, text_bytes, "libsoxr %s", after_dash(soxr_version()));
        return true;
    case 2:
        snprintf(text, text_bytes, "libpng %s", png_get_libpng_ver(NULL));
        return true;
    case 3:
        snprintf(text, text_bytes, "jansson %s", jansson_version_str());
        return true;
    default:
        return false;
    }
}
