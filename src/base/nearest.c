/*
 * Edit distance with transpositions of neighbours (Damerau 1964, "optimal string alignment"):
 * insert, delete, change or swap letters, by the usual table of which three rows are kept.
 */
#include "base/nearest.h"

#include <string.h>

static char folded(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][PS_NEAREST_BYTES];

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        const size_t *two_up = rows[(i + 1) % 3], *up = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            const char x = folded(a[i - 1]), y = folded(b[j - 1]);

            row[j] = least(up[j - 1] + (x != y), least(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y)
                row[j] = least(row[j], two_up[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

void ps_nearest_init(ps_nearest *nearest, const char *wanted)
{
    nearest->wanted = wanted;
    nearest->changes = PS_NEAREST_BYTES;
    nearest->best[0] = '\0';
}

void ps_nearest_offer(ps_nearest *nearest, const char *candidate)
{
    const size_t wanted = strlen(nearest->wanted), length = strlen(candidate);
    const size_t apart = wanted > length ? wanted - length : length - wanted;

    if (wanted >= PS_NEAREST_BYTES || length >= PS_NEAREST_BYTES || apart >= nearest->changes)
        return;
    const size_t changes = distance(nearest->wanted, wanted, candidate, length);
    if (changes >= nearest->changes || 3 * changes >= length)
        return;
    nearest->changes = changes;
    memcpy(nearest->best, candidate, length + 1);
}
