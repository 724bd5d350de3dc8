/*
 * Any text as a chain of effects: it is refused with words and a column, or read; what was read
 * writes text that reads back to the same, and runs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plainsong/effect.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static char *written(const ps_chain *chain)
{
    const size_t length = ps_chain_write(chain, NULL, 0);
    char *text = malloc(length + 1);

    CHECK(text && ps_chain_write(chain, text, length + 1) == length);
    return text;
}

static void check_text(const ps_chain *chain)
{
    char *first = written(chain), *second;
    ps_chain *back;

    if (ps_chain_count(chain) > 0) {
        CHECK(ps_chain_read(&back, first, NULL, NULL) == PS_OK);
        second = written(back);
        CHECK(strcmp(first, second) == 0);
        free(second);
        ps_chain_destroy(back);
    }
    free(first);
}

/* Files are not lent, so that a chain that names one cannot be made. */
static void check_sound(const ps_chain *chain)
{
    ps_engine *engine;
    ps_rack *rack;
    float left[300], right[300];

    if (ps_chain_count(chain) > 3)
        return; /* time */
    CHECK(ps_engine_create(&engine, NULL, NULL) == PS_OK);
    if (ps_rack_create(&rack, engine, chain, 8000.0, NULL, NULL) == PS_OK) {
        for (int i = 0; i < 300; i++)
            left[i] = right[i] = (float)sin(i);
        ps_rack_process(rack, (ps_block){left, right, 300});
        for (int i = 0; i < 300; i++)
            CHECK(isfinite(left[i]) && isfinite(right[i]));
        ps_rack_destroy(rack);
    }
    ps_engine_destroy(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    char *text = malloc(size_bytes + 1);
    ps_chain *chain;
    ps_error err = {0};

    CHECK(text);
    if (size_bytes > 0)
        memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    if (ps_chain_read(&chain, text, NULL, &err) == PS_OK) {
        check_text(chain);
        check_sound(chain);
        ps_chain_destroy(chain);
    } else {
        CHECK(err.text[0] && err.column > 0 && err.column <= size_bytes + 1);
    }
    free(text);
    return 0;
}
