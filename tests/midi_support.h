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

/*
 * The events as text, "96 on 0 60 100, 192 t1 off 1 60 64, 192 meta 1 abc": tick, track when it is
 * not the first, kind, channel, data; SysEx in hex; ends of tracks as "end".
 */
static inline const char *describe(const ps_score *score)
{
    static const char *const kinds[] = {"off", "on", "poly", "cc", "program", "press", "bend"};
    static char text[8192];
    size_t count, used = 0;
    const ps_event *events = ps_score_events(score, &count);

#define SAY(...) used += (size_t)snprintf(text + used, sizeof text - used, __VA_ARGS__)
    text[0] = '\0';
    for (size_t i = 0; i < count && used < sizeof text - 200; i++) {
        const ps_event *e = &events[i];

        SAY("%s%llu ", i ? ", " : "", (unsigned long long)e->tick);
        if (e->track)
            SAY("t%u ", (unsigned)e->track);
        if (e->kind == PS_EVENT_META && e->a == 0x2f) {
            SAY("end");
        } else if (e->kind == PS_EVENT_META && (e->a == 0x51 || e->a == 0x58 || e->a == 0x59)) {
            SAY("%s", e->a == 0x51 ? "tempo" : e->a == 0x58 ? "time" : "key");
            for (uint32_t b = 0; b < e->data_bytes; b++)
                SAY(" %u", e->data[b]);
        } else if (e->kind == PS_EVENT_META) {
            SAY("meta %u %.*s", e->a, (int)e->data_bytes, e->data ? (const char *)e->data : "");
        } else if (e->kind == PS_EVENT_SYSEX) {
            SAY("sysex");
            for (uint32_t b = 0; b < e->data_bytes; b++)
                SAY(" %02x", e->data[b]);
        } else {
            SAY("%s %u %u", kinds[e->kind], e->channel, e->a);
            if (e->kind != PS_EVENT_PROGRAM && e->kind != PS_EVENT_CHANNEL_PRESSURE)
                SAY(" %u", e->b);
        }
    }
#undef SAY
    return text;
}

/* The bytes of a file being made. */
typedef struct maker {
    uint8_t bytes[4096];
    size_t size_bytes;
} maker;

static inline void make(maker *m, const void *bytes, size_t size_bytes)
{
    assert_true(m->size_bytes + size_bytes <= sizeof m->bytes);
    memcpy(m->bytes + m->size_bytes, bytes, size_bytes);
    m->size_bytes += size_bytes;
}

static inline void make_u16(maker *m, uint32_t value)
{
    const uint8_t b[2] = {(uint8_t)(value >> 8), (uint8_t)value};

    make(m, b, 2);
}

static inline void make_u32(maker *m, uint32_t value)
{
    make_u16(m, value >> 16);
    make_u16(m, value & 0xffff);
}

/* Empties the maker and puts a header. */
static inline void make_header(maker *m, uint32_t format, uint32_t tracks, uint32_t division)
{
    m->size_bytes = 0;
    make(m, "MThd", 4);
    make_u32(m, 6);
    make_u16(m, format);
    make_u16(m, tracks);
    make_u16(m, division);
}

static inline void make_track(maker *m, const void *events, size_t size_bytes)
{
    make(m, "MTrk", 4);
    make_u32(m, (uint32_t)size_bytes);
    make(m, events, size_bytes);
}

#define MAKE(m, literal)       make(m, literal, sizeof(literal) - 1)
#define MAKE_TRACK(m, literal) make_track(m, literal, sizeof(literal) - 1)

static inline ps_score *read_made(const maker *m, warning_list *list)
{
    const ps_score_options options = listing(list);
    ps_score *score = NULL;
    ps_error err = {0};
    /* From memory of exactly this size, so that a sanitizer sees every byte read too many. */
    uint8_t *exact = malloc(m->size_bytes ? m->size_bytes : 1);

    memcpy(exact, m->bytes, m->size_bytes);
    if (ps_score_read(&score, exact, m->size_bytes, &options, &err) != PS_OK)
        fail_msg("%s", err.text);
    free(exact);
    return score;
}

/* A score of format 0, 96 ticks per quarter, of the bytes of its track without its end. */
static inline ps_score *score_of(const void *events, size_t size_bytes)
{
    warning_list list;
    maker m, track;
    ps_score *score;

    track.size_bytes = 0;
    make(&track, events, size_bytes);
    MAKE(&track, "\x00\xff\x2f\x00");
    make_header(&m, 0, 1, 96);
    make_track(&m, track.bytes, track.size_bytes);
    score = read_made(&m, &list);
    assert_int_equal(list.count, 0);
    return score;
}

#define SCORE_OF(literal) score_of(literal, sizeof(literal) - 1)

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
