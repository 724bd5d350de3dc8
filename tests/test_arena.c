#include "support.h"

#include "base/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    ps_arena arena;

    (void)state;
    ps_arena_init(&arena, NULL);
    for (size_t size = 1; size < 20000; size = size * 3 + 1) {
        uint8_t *memory = ps_arena_alloc(&arena, 1, size);

        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    ps_arena_clear(&arena);
}

static void products_that_overflow_give_null(void **state)
{
    ps_arena arena;

    (void)state;
    ps_arena_init(&arena, NULL);
    assert_null(ps_arena_alloc(&arena, SIZE_MAX / 4, 16));
    assert_null(ps_arena_alloc(&arena, 0, 16));
    assert_null(ps_alloc(NULL, SIZE_MAX / 4, 16));
    ps_arena_clear(&arena);
}

static void a_failing_allocation_leaves_the_rest_usable(void **state)
{
    failing_allocator f;
    ps_arena arena;

    (void)state;
    failing_init(&f, 1);
    ps_arena_init(&arena, &f.base);
    assert_non_null(ps_arena_alloc(&arena, 1, 100));
    assert_null(ps_arena_alloc(&arena, 1, 100000));
    assert_non_null(ps_arena_alloc(&arena, 1, 100));
    ps_arena_clear(&arena);
    assert_int_equal(f.live, 0);
}

static void a_large_allocation_leaves_the_newest_chunk_in_use(void **state)
{
    failing_allocator f;
    ps_arena arena;

    (void)state;
    failing_init(&f, -1);
    ps_arena_init(&arena, &f.base);
    assert_non_null(ps_arena_alloc(&arena, 1, 100));
    assert_non_null(ps_arena_alloc(&arena, 1, 100000));
    assert_non_null(ps_arena_alloc(&arena, 1, 100));
    assert_int_equal(f.asked, 2);
    ps_arena_clear(&arena);
    assert_int_equal(f.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(products_that_overflow_give_null),
        cmocka_unit_test(a_failing_allocation_leaves_the_rest_usable),
        cmocka_unit_test(a_large_allocation_leaves_the_newest_chunk_in_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
