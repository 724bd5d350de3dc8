/* Where SoundFont banks lie on this system. */
#ifndef PLAINSONG_EDGE_SOUNDFONT_FIND_H
#define PLAINSONG_EDGE_SOUNDFONT_FIND_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The i-th bank (.sf2, .sf3) of the folders in order, each file once however many names it has;
 * NULL ends the folders. False after the last, and when there is no memory.
 */
bool ps_soundfont_in_folders(const char *const *folders, size_t index, char *path,
                             size_t path_bytes);

#endif
