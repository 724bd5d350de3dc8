/* Inside of a chain, for its readers and the rack. */
#ifndef PLAINSONG_EFFECT_CHAIN_H
#define PLAINSONG_EFFECT_CHAIN_H

#include "effect/effect.h"

typedef struct ps_chain_link {
    const ps_effect_kind *kind; /* of the row "c": its table and its item */
    uint32_t slots;
    double *values; /* one per slot */
    char **texts;   /* one per slot, NULL but for TEXT ones */
} ps_chain_link;

struct ps_chain {
    ps_chain_options options;
    uint32_t depth; /* of presets within presets */
    size_t count;
    ps_chain_link links[PS_CHAIN_MOST];
};

/* Drops the effects from `count` on. */
void ps_chain_cut(ps_chain *chain, size_t count);

/* Appends an effect or the effects of a preset, by name; *added is the effect, or NULL when it was
   a preset. wanted: "effect", "preset", or NULL for any. */
ps_status ps_chain_add_named(ps_chain *chain, const char *wanted, const char *name,
                             ps_chain_link **added, ps_error *err);

/* A value as text for a slot: a number with its unit, a word, a flag. */
ps_status ps_chain_read_slot(const ps_chain *chain, ps_chain_link *link, uint32_t slot,
                             const char *text, ps_error *err);

/* The slot of a parameter; PS_NOT_FOUND with the nearest name as the hint. */
ps_status ps_chain_find_slot(const ps_chain_link *link, const char *parameter, uint32_t *slot,
                             ps_error *err);

/* The index-th value that has no name. */
ps_status ps_chain_read_item(const ps_chain *chain, ps_chain_link *link, uint32_t index,
                             const char *text, ps_error *err);

#endif
