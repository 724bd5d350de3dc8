/* Callers served together, without a device. */
#include "support.h"

#include <pthread.h>
#include <sched.h>

#include "../edge/gpu/batch.h"

#define CALLERS 8u
#define ROUNDS  200u

typedef struct counter {
    ps_batch batch;
    uint32_t wait_for; /* the first batch is not over before so many wait */
    uint32_t batches, served, largest;
} counter;

typedef struct caller {
    ps_batch_ticket ticket; /* first */
    counter *counter;
    pthread_t thread;
    uint32_t rounds, number, answer;
} caller;

/* Not two at a time: otherwise the counters, which nobody guards, would be a race. */
static void serve(void *user, ps_batch_ticket *first)
{
    counter *c = user;
    uint32_t count = 0;

    while (c->batches == 0 && ps_batch_waiting(&c->batch) < c->wait_for)
        sched_yield();
    for (caller *one = (caller *)first; one; one = (caller *)one->ticket.next) {
        one->answer = one->number + 1;
        count++;
    }
    c->batches++;
    c->served += count;
    c->largest = count > c->largest ? count : c->largest;
}

static void *call(void *argument)
{
    caller *one = argument;

    for (uint32_t i = 0; i < one->rounds; i++) {
        one->number = 1000 * i + (uint32_t)(one->counter->wait_for);
        ps_batch_join(&one->counter->batch, &one->ticket, serve, one->counter);
        if (one->answer != one->number + 1)
            return one;
    }
    return NULL;
}

static void run(counter *c, uint32_t rounds)
{
    caller callers[CALLERS] = {{.rounds = 0}};

    ps_batch_init(&c->batch);
    for (uint32_t i = 0; i < CALLERS; i++) {
        callers[i].counter = c;
        callers[i].rounds = rounds;
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
    for (uint32_t i = 0; i < CALLERS; i++) {
        void *failed;

        pthread_join(callers[i].thread, &failed);
        assert_null(failed);
    }
    assert_int_equal(ps_batch_waiting(&c->batch), 0);
    ps_batch_destroy(&c->batch);
}

static void who_waits_meanwhile_is_served_together(void **state)
{
    counter c = {.wait_for = CALLERS - 1};

    (void)state;
    run(&c, 1);
    assert_int_equal(c.batches, 2);
    assert_int_equal(c.served, CALLERS);
    assert_int_equal(c.largest, CALLERS - 1);
}

static void nobody_is_forgotten_nor_served_twice(void **state)
{
    counter c = {.wait_for = 0};

    (void)state;
    run(&c, ROUNDS);
    assert_int_equal(c.served, CALLERS * ROUNDS);
    assert_true(c.batches <= c.served && c.largest <= CALLERS);
}

static void who_is_alone_is_served_at_once(void **state)
{
    counter c = {.wait_for = 0};
    caller one = {.counter = &c, .rounds = 3};

    (void)state;
    ps_batch_init(&c.batch);
    assert_null(call(&one));
    assert_int_equal(c.batches, 3);
    assert_int_equal(c.served, 3);
    ps_batch_destroy(&c.batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_meanwhile_is_served_together),
        cmocka_unit_test(nobody_is_forgotten_nor_served_twice),
        cmocka_unit_test(who_is_alone_is_served_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
