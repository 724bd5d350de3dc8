/* What all effects have in common: their tables, their slots, numbers with units. */
#include "effect/effect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/decimal.h"
#include "effect/rows.h"

const ps_effect_kind *const *ps_effect_row_find(const char *row)
{
#if PS_HAVE_AVX2
    if (strcmp(row, "avx2") == 0)
        return ps_effect_row_avx2;
#endif
#if PS_HAVE_AVX512
    if (strcmp(row, "avx512") == 0)
        return ps_effect_row_avx512;
#endif
#if PS_HAVE_NEON
    if (strcmp(row, "neon") == 0)
        return ps_effect_row_neon;
#endif
#if PS_HAVE_SIMD128
    if (strcmp(row, "simd128") == 0)
        return ps_effect_row_simd128;
#endif
    (void)row;
    return ps_effect_row_c;
}

const ps_effect_kind *ps_effect_kind_find(const char *row, const char *name)
{
    for (const ps_effect_kind *const *kind = ps_effect_row_find(row); *kind; kind++)
        if (strcmp((*kind)->info.name, name) == 0)
            return *kind;
    return NULL;
}

bool ps_effect_nth(size_t index, ps_effect_info *info)
{
    for (size_t i = 0; ps_effect_row_c[i]; i++) {
        if (i == index) {
            *info = ps_effect_row_c[i]->info;
            return true;
        }
    }
    return false;
}

bool ps_effect_find(const char *name, ps_effect_info *info)
{
    const ps_effect_kind *kind = ps_effect_kind_find("c", name);

    if (kind)
        *info = kind->info;
    return kind != NULL;
}

/* ---- Slots ---------------------------------------------------------------------------------- */

static uint32_t row_slots(const ps_effect_parameter *row)
{
    return row->copies > 0 ? row->copies : 1;
}

uint32_t ps_effect_slots(const ps_effect_info *info)
{
    uint32_t slots = 0;

    for (uint32_t i = 0; i < info->parameter_count; i++)
        slots += row_slots(&info->parameters[i]);
    return slots;
}

const ps_effect_parameter *ps_effect_slot_row(const ps_effect_info *info, uint32_t slot,
                                              uint32_t *copy)
{
    for (uint32_t i = 0; i < info->parameter_count; i++) {
        const uint32_t slots = row_slots(&info->parameters[i]);

        if (slot < slots) {
            *copy = slot;
            return &info->parameters[i];
        }
        slot -= slots;
    }
    return NULL;
}

void ps_effect_slot_name(const ps_effect_info *info, uint32_t slot, char *name)
{
    uint32_t copy;
    const ps_effect_parameter *row = ps_effect_slot_row(info, slot, &copy);

    if (row->copies > 0)
        snprintf(name, PS_EFFECT_NAME_BYTES, "%s%u", row->name, (unsigned)copy + 1);
    else
        snprintf(name, PS_EFFECT_NAME_BYTES, "%s", row->name);
}

uint32_t ps_effect_slot(const ps_effect_info *info, const char *parameter)
{
    const uint32_t slots = ps_effect_slots(info);

    for (uint32_t slot = 0; slot < slots; slot++) {
        char name[PS_EFFECT_NAME_BYTES];

        ps_effect_slot_name(info, slot, name);
        if (strcmp(name, parameter) == 0)
            return slot;
    }
    return UINT32_MAX;
}

/* ---- Values --------------------------------------------------------------------------------- */

int ps_effect_choice(const ps_effect_parameter *row, const char *word)
{
    const size_t length = strlen(word);
    const char *at = row->choices;

    for (int i = 0; *at; i++) {
        const size_t own = strcspn(at, " ");

        if (own == length && ps_ascii_equal_n(at, word, length))
            return i;
        at += own;
        at += strspn(at, " ");
    }
    return -1;
}

ps_status ps_effect_check(const ps_effect_parameter *row, const char *name, double value,
                          ps_error *err)
{
    if (row->kind == PS_EFFECT_TEXT)
        return ps_fail(err, PS_BAD_ARGUMENT, "%s is a text, not a number", name);
    if (!isfinite(value))
        return ps_fail(err, PS_BAD_ARGUMENT, "%s is not a finite number", name);
    if (value < row->low || value > row->high)
        return ps_fail(err, PS_BAD_ARGUMENT, "%s %g is outside %g..%g%s%s", name, value, row->low,
                       row->high, row->unit[0] ? " " : "", row->unit);
    if (row->kind != PS_EFFECT_NUMBER && value != floor(value))
        return ps_fail(err, PS_BAD_ARGUMENT, "%s %g is not a whole number", name, value);
    return PS_OK;
}

ps_status ps_effect_whole(const ps_effect_kind *kind, uint32_t slot, double value, ps_error *err)
{
    char name[PS_EFFECT_NAME_BYTES];

    if (value == floor(value))
        return PS_OK;
    ps_effect_slot_name(&kind->info, slot, name);
    return ps_fail(err, PS_BAD_ARGUMENT, "%s: %s %g is not a whole number", kind->info.name, name,
                   value);
}

void ps_effect_presets(const ps_effect_info *info, double *values)
{
    uint32_t slot = 0;

    for (uint32_t i = 0; i < info->parameter_count; i++)
        for (uint32_t k = row_slots(&info->parameters[i]); k > 0; k--)
            values[slot++] = info->parameters[i].preset;
}

/* What one of a unit is worth in the parameter's own; 0 when it does not go with it. */
static double unit_factor(const char *word, size_t length, const char *unit)
{
    static const struct {
        const char *word, *unit;
        double factor;
    } units[] = {
        {"hz", "Hz", 1.0},    {"k", "Hz", 1e3},      {"khz", "Hz", 1e3}, {"db", "dB", 1.0},
        {"ms", "ms", 1.0},    {"s", "ms", 1e3},      {"sec", "ms", 1e3}, {"s", "s", 1.0},
        {"sec", "s", 1.0},    {"ms", "s", 1e-3},     {"%", "", 0.01},    {"lufs", "LUFS", 1.0},
        {"bit", "bits", 1.0}, {"bits", "bits", 1.0},
    };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].word) == length && ps_ascii_equal_n(units[i].word, word, length) &&
            strcmp(units[i].unit, unit) == 0)
            return units[i].factor;
    return 0.0;
}

bool ps_effect_number(const char *text, const char *unit, double *value, const char **end)
{
    double number;

    while (ps_ascii_is_blank(*text))
        text++;
    const char *after = ps_decimal_read(text, &number);

    if (!after || !isfinite(number))
        return false;
    size_t letters = 0;
    while (ps_ascii_is_letter(after[letters]) || after[letters] == '%')
        letters++;
    const double factor = letters > 0 ? unit_factor(after, letters, unit) : 0.0;
    *value = factor != 0.0 ? number * factor : number;
    *end = factor != 0.0 ? after + letters : after;
    return true;
}
