/* Questions to a value. */
#include "plainsong/value.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"

const ps_value *ps_value_member(const ps_value *map, const char *name)
{
    if (!map || map->kind != PS_VALUE_MAP)
        return NULL;
    for (size_t i = map->count; i-- > 0;) {
        if (strcmp(map->names[i], name) == 0)
            return &map->members[i];
    }
    return NULL;
}

bool ps_value_is_null(const ps_value *value)
{
    return !value || value->kind == PS_VALUE_NULL;
}

/* A decimal number with blanks around it. */
static bool number_of_text(const char *text, double *number)
{
    static const char blanks[] = " \t\r\n\f\v";
    double value;
    const char *end = ps_decimal_read(text + strspn(text, blanks), &value);

    if (!end || end[strspn(end, blanks)] != '\0' || !isfinite(value))
        return false;
    *number = value;
    return true;
}

bool ps_value_number(const ps_value *value, double *number)
{
    if (!value)
        return false;
    switch (value->kind) {
    case PS_VALUE_NUMBER:
    case PS_VALUE_FLAG:
        if (!isfinite(value->number))
            return false;
        *number = value->number;
        return true;
    case PS_VALUE_TEXT:
        return number_of_text(value->text, number);
    case PS_VALUE_NULL:
    case PS_VALUE_LIST:
    case PS_VALUE_MAP:
        break;
    }
    return false;
}

bool ps_value_truth(const ps_value *value)
{
    if (!value)
        return false;
    switch (value->kind) {
    case PS_VALUE_NUMBER:
    case PS_VALUE_FLAG:
        return value->number != 0.0;
    case PS_VALUE_TEXT:
        return value->text[0] != '\0';
    case PS_VALUE_LIST:
    case PS_VALUE_MAP:
        return value->count > 0;
    case PS_VALUE_NULL:
        break;
    }
    return false;
}
