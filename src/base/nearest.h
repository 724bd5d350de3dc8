/* The name somebody may have meant. */
#ifndef PLAINSONG_BASE_NEAREST_H
#define PLAINSONG_BASE_NEAREST_H

#include <stddef.h>

#define PS_NEAREST_BYTES 64u

/* Looks for the candidate that takes the fewest changes to become. */
typedef struct ps_nearest {
    const char *wanted;
    size_t changes;              /* of the best so far */
    char best[PS_NEAREST_BYTES]; /* "" when none is near enough */
} ps_nearest;

void ps_nearest_init(ps_nearest *nearest, const char *wanted);

/* Offers a candidate; those that would have to be changed in a third of their letters or more are
   not near. Letters that differ in case alone count as the same. */
void ps_nearest_offer(ps_nearest *nearest, const char *candidate);

#endif
