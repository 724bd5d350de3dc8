/* What the tests of scores share: bytes in, a score and its warnings out. */
#ifndef TESTS_MIDI_SUPPORT_H
#define TESTS_MIDI_SUPPORT_H

#include "support.h"

#include "plainsong/score.h"

typedef struct warning_list {
    size_t count;
    ps_error items[64]; /* the first ones */
} warning_list;

static inline void list_warning(void *user, const ps_error *warning)
{
    warning_list *list = user;

    if (list->count < 64)
        list->items[list->count] = *warning;
    list->count++;
}

/* Options that list warnings; the list is emptied. */
static inline ps_score_options listing(warning_list *list)
{
    ps_score_options options;

    memset(&options, 0, sizeof options);
    memset(list, 0, sizeof *list);
    options.warnings.add = list_warning;
    options.warnings.user = list;
    return options;
}

/* Same events, byte for byte. */
static inline bool same_events(const ps_score *one, const ps_score *other)
{
    size_t count, other_count;
    const ps_event *a = ps_score_events(one, &count);
    const ps_event *b = ps_score_events(other, &other_count);

    if (count != other_count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (a[i].tick != b[i].tick || a[i].order != b[i].order || a[i].track != b[i].track ||
            a[i].channel != b[i].channel || a[i].kind != b[i].kind || a[i].a != b[i].a ||
            a[i].b != b[i].b || a[i].data_bytes != b[i].data_bytes)
            return false;
        if (a[i].data_bytes > 0 && memcmp(a[i].data, b[i].data, a[i].data_bytes) != 0)
            return false;
    }
    return true;
}

#endif
