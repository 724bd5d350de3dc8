/*
 * Loop regions as makers of game music mark them: texts "loopStart" and "loopEnd"; controllers 116
 * and 117 of XMI, which nest; controller 111 of RPG Maker, which has a start only.
 */
#include "midi/score.h"

#include <string.h>

#define CC_LOOP_START 111u
#define CC_XMI_FOR    116u
#define CC_XMI_NEXT   117u
#define NO_TICK       UINT64_MAX

/* Without regard to case, and to blanks around it. */
static bool says(const ps_event *event, const char *word)
{
    const uint8_t *text = event->data;
    size_t length = event->data_bytes;

    while (length > 0 && text[0] <= ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] <= ' ')
        length--;
    if (length != strlen(word))
        return false;
    for (size_t i = 0; i < length; i++)
        if ((text[i] | 0x20) != word[i])
            return false;
    return true;
}

static bool is_text(const ps_event *event)
{
    return event->kind == PS_EVENT_META &&
           (event->a == 0x01 || event->a == 0x06 || event->a == 0x07);
}

static bool is_control(const ps_event *event, uint8_t controller)
{
    return event->kind == PS_EVENT_CONTROL && event->a == controller;
}

/* The first start and the first end after it. */
static void find_texts(const ps_score *score, ps_score_loop *loop)
{
    for (size_t i = 0; i < score->count; i++) {
        const ps_event *event = &score->events[i];

        if (!is_text(event))
            continue;
        if (loop->start_tick == NO_TICK && says(event, "loopstart"))
            loop->start_tick = event->tick;
        else if (loop->start_tick != NO_TICK && loop->end_tick == NO_TICK && says(event, "loopend"))
            loop->end_tick = event->tick;
    }
}

/* The outermost pair: loops within it are repeats inside the piece. */
static void find_xmi(const ps_score *score, ps_score_loop *loop)
{
    uint64_t depth = 0;

    for (size_t i = 0; i < score->count && loop->end_tick == NO_TICK; i++) {
        const ps_event *event = &score->events[i];

        if (is_control(event, CC_XMI_FOR)) {
            depth++;
            if (loop->start_tick == NO_TICK)
                loop->start_tick = event->tick;
        } else if (depth > 0 && is_control(event, CC_XMI_NEXT) && --depth == 0) {
            loop->end_tick = event->tick;
        }
    }
}

static void find_rpg(const ps_score *score, ps_score_loop *loop)
{
    for (size_t i = 0; i < score->count; i++) {
        if (is_control(&score->events[i], CC_LOOP_START)) {
            loop->start_tick = score->events[i].tick;
            return;
        }
    }
}

bool ps_score_find_loop(const ps_score *score, ps_score_loop *loop)
{
    static void (*const find[])(const ps_score *, ps_score_loop *) = {find_texts, find_xmi,
                                                                      find_rpg};

    for (size_t i = 0; i < sizeof find / sizeof *find; i++) {
        ps_score_loop found = {NO_TICK, NO_TICK};

        find[i](score, &found);
        if (found.start_tick == NO_TICK)
            continue;
        if (found.end_tick == NO_TICK)
            found.end_tick = score->info.last_tick;
        if (found.end_tick > found.start_tick) {
            *loop = found;
            return true;
        }
    }
    return false;
}
