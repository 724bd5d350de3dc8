/* Drafts of new scores. */
#include "midi/edit.h"

#include <string.h>

static bool copy_text(const char **to, ps_score *draft, const char *text)
{
    if (!text)
        return true;
    *to = ps_score_text(draft, (const uint8_t *)text, strlen(text));
    return *to != NULL;
}

ps_status ps_edit_begin(ps_score **draft, const ps_score *from, uint32_t tracks, size_t events,
                        const ps_score_options *options, ps_error *err)
{
    ps_score *score = NULL;
    const ps_status status =
        ps_score_begin(&score, events + tracks, ps_score_allocator(options), err);

    if (status != PS_OK)
        return status;
    score->division = from->division;
    score->info.tracks = tracks;
    score->info.format = tracks > 1;
    /* Titles that came from outside the events would be lost; the others are found again. */
    if (from->info.rmid && (!copy_text(&score->info.title, score, from->info.title) ||
                            !copy_text(&score->info.copyright, score, from->info.copyright)))
        return ps_edit_no_memory(score, err);
    *draft = score;
    return PS_OK;
}

void ps_edit_add_all(ps_score *draft, const ps_score *from)
{
    memcpy(draft->events + draft->count, from->events, from->count * sizeof *from->events);
    draft->count += from->count;
}

uint8_t *ps_edit_data(ps_score *draft, const uint8_t *data, size_t size_bytes)
{
    uint8_t *copy = ps_arena_alloc(&draft->arena, size_bytes, 1);

    if (copy)
        memcpy(copy, data, size_bytes);
    return copy;
}

bool ps_edit_add_tempo(ps_score *draft, uint32_t tempo)
{
    const uint8_t bytes[3] = {(uint8_t)(tempo >> 16), (uint8_t)(tempo >> 8), (uint8_t)tempo};
    const ps_event event = {.kind = PS_EVENT_META,
                            .a = PS_META_TEMPO,
                            .data_bytes = sizeof bytes,
                            .data = ps_edit_data(draft, bytes, sizeof bytes)};

    if (event.data)
        ps_edit_add(draft, event);
    return event.data != NULL;
}

ps_status ps_edit_no_memory(ps_score *draft, ps_error *err)
{
    ps_score_destroy(draft);
    return ps_fail(err, PS_NO_MEMORY, "midi: out of memory");
}
