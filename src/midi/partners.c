/* Which note-off ends which note-on: for every key a stack of the notes that sound. */
#include "midi/edit.h"

/* While a note sounds, its entry of `partner` holds the note below it on the stack. */
static void match(size_t *partner, size_t *top, const ps_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t note = ps_event_note(&events[i]);

        partner[i] = PS_NO_EVENT;
        if (events[i].kind == PS_EVENT_NOTE_ON) {
            partner[i] = top[note];
            top[note] = i;
        } else if (events[i].kind == PS_EVENT_NOTE_OFF && top[note] != PS_NO_EVENT) {
            const size_t on = top[note];

            top[note] = partner[on];
            partner[on] = i;
            partner[i] = on;
        }
    }
}

ps_status ps_note_partners(size_t **partner, const ps_score *score, const ps_allocator *allocator,
                           ps_error *err)
{
    size_t *found = ps_alloc(allocator, score->count, sizeof *found);
    size_t *top = ps_alloc(allocator, PS_SCORE_NOTES, sizeof *top);

    if (!found || !top) {
        ps_free(allocator, found);
        ps_free(allocator, top);
        return ps_fail(err, PS_NO_MEMORY, "midi: out of memory");
    }
    for (uint32_t note = 0; note < PS_SCORE_NOTES; note++)
        top[note] = PS_NO_EVENT;
    match(found, top, score->events, score->count);
    for (uint32_t note = 0; note < PS_SCORE_NOTES; note++) {
        for (size_t on = top[note]; on != PS_NO_EVENT;) {
            const size_t below = found[on];

            found[on] = PS_NO_EVENT; /* never ended */
            on = below;
        }
    }
    ps_free(allocator, top);
    *partner = found;
    return PS_OK;
}
