/*
 * Arithmetic of curve expressions on arrays, with the values that NumPy gives for doubles. Each
 * operation goes over the whole array before the next begins, so that the machine's overhead is
 * paid once per array and the plain ones vectorize.
 */
#include "voice/operations.h"

#include <math.h>
#include <string.h>

#define LANES 64u /* values of alpha that are worked on together */

/* Remainder with the sign of y. */
static double modulo(double x, double y)
{
    const double r = fmod(x, y);

    return r != 0.0 && (r < 0.0) != (y < 0.0) ? r + y : r;
}

/* floor(x / y) such that y * quotient + modulo(x, y) is x. */
static double floor_quotient(double x, double y)
{
    return rint((x - modulo(x, y)) / y);
}

static double sign_of(double x)
{
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

/* The smaller, the larger: what is no number stays one. */
static double smaller(double x, double y)
{
    return x < y || x != x ? x : y;
}

static double larger(double x, double y)
{
    return x > y || x != x ? x : y;
}

#define DEFINE(name, value)                                                                        \
    static void run_##name(double *restrict a, const double *restrict b, const double *restrict c, \
                           uint32_t count)                                                         \
    {                                                                                              \
        (void)b;                                                                                   \
        (void)c;                                                                                   \
        for (uint32_t i = 0; i < count; i++)                                                       \
            a[i] = (value);                                                                        \
    }

DEFINE(negate, -a[i])
DEFINE(add, a[i] + b[i])
DEFINE(subtract, a[i] - b[i])
DEFINE(multiply, a[i] * b[i])
DEFINE(divide, a[i] / b[i])
DEFINE(floor_divide, floor_quotient(a[i], b[i]))
DEFINE(mod, modulo(a[i], b[i]))
DEFINE(power, pow(a[i], b[i]))
DEFINE(less, a[i] < b[i] ? 1.0 : 0.0)
DEFINE(less_equal, a[i] <= b[i] ? 1.0 : 0.0)
DEFINE(greater, a[i] > b[i] ? 1.0 : 0.0)
DEFINE(greater_equal, a[i] >= b[i] ? 1.0 : 0.0)
DEFINE(equal, a[i] == b[i] ? 1.0 : 0.0)
DEFINE(not_equal, a[i] != b[i] ? 1.0 : 0.0)
DEFINE(sin, sin(a[i]))
DEFINE(cos, cos(a[i]))
DEFINE(tan, tan(a[i]))
DEFINE(arcsin, asin(a[i]))
DEFINE(arccos, acos(a[i]))
DEFINE(arctan, atan(a[i]))
DEFINE(sinh, sinh(a[i]))
DEFINE(cosh, cosh(a[i]))
DEFINE(tanh, tanh(a[i]))
DEFINE(exp, exp(a[i]))
DEFINE(expm1, expm1(a[i]))
DEFINE(log, log(a[i]))
DEFINE(log2, log2(a[i]))
DEFINE(log10, log10(a[i]))
DEFINE(log1p, log1p(a[i]))
DEFINE(sqrt, sqrt(a[i]))
DEFINE(cbrt, cbrt(a[i]))
DEFINE(square, a[i] * a[i])
DEFINE(abs, fabs(a[i]))
DEFINE(sign, sign_of(a[i]))
DEFINE(floor, floor(a[i]))
DEFINE(ceil, ceil(a[i]))
DEFINE(round, rint(a[i]))
DEFINE(minimum, smaller(a[i], b[i]))
DEFINE(maximum, larger(a[i], b[i]))
DEFINE(clip, smaller(larger(a[i], b[i]), c[i]))
DEFINE(where, a[i] != 0.0 ? b[i] : c[i])

/* clang-format off */
const ps_operation ps_operations[] = {
    [PS_OPERATION_NUMBER] = {"", 0, 1, NULL},
    [PS_OPERATION_ALPHA] = {"", 0, 1, NULL},
    [PS_OPERATION_NEGATE] = {"", 1, 1, run_negate},
    {"+", 2, 1, run_add},
    {"-", 2, 1, run_subtract},
    {"*", 2, 1, run_multiply},
    {"/", 2, 2, run_divide},
    {"//", 2, 16, run_floor_divide},
    {"%", 2, 16, run_mod},
    {"**", 2, 24, run_power},
    {"<", 2, 1, run_less},
    {"<=", 2, 1, run_less_equal},
    {">", 2, 1, run_greater},
    {">=", 2, 1, run_greater_equal},
    {"==", 2, 1, run_equal},
    {"!=", 2, 1, run_not_equal},
    {"sin", 1, 16, run_sin},
    {"cos", 1, 16, run_cos},
    {"tan", 1, 24, run_tan},
    {"arcsin", 1, 16, run_arcsin},
    {"arccos", 1, 16, run_arccos},
    {"arctan", 1, 16, run_arctan},
    {"sinh", 1, 24, run_sinh},
    {"cosh", 1, 24, run_cosh},
    {"tanh", 1, 24, run_tanh},
    {"exp", 1, 16, run_exp},
    {"expm1", 1, 16, run_expm1},
    {"log", 1, 16, run_log},
    {"log2", 1, 16, run_log2},
    {"log10", 1, 16, run_log10},
    {"log1p", 1, 16, run_log1p},
    {"sqrt", 1, 4, run_sqrt},
    {"cbrt", 1, 24, run_cbrt},
    {"square", 1, 1, run_square},
    {"abs", 1, 1, run_abs},
    {"sign", 1, 1, run_sign},
    {"floor", 1, 4, run_floor},
    {"ceil", 1, 4, run_ceil},
    {"round", 1, 4, run_round},
    {"power", 2, 24, run_power},
    {"minimum", 2, 1, run_minimum},
    {"maximum", 2, 1, run_maximum},
    {"mod", 2, 16, run_mod},
    {"clip", 3, 2, run_clip},
    {"where", 3, 2, run_where},
};
/* clang-format on */
const uint32_t ps_operation_count = sizeof ps_operations / sizeof ps_operations[0];

static void run_lanes(const ps_curve_step *steps, uint32_t step_count, double *alpha,
                      uint32_t count)
{
    double stack[PS_CURVE_DEPTH_MAX + 2][LANES]; /* two more: operands that are not looked at */
    uint32_t height = 0;

    for (uint32_t s = 0; s < step_count; s++) {
        const ps_operation *operation = &ps_operations[steps[s].operation];

        if (steps[s].operation == PS_OPERATION_NUMBER)
            for (uint32_t i = 0; i < count; i++)
                stack[height][i] = steps[s].number;
        else if (steps[s].operation == PS_OPERATION_ALPHA)
            memcpy(stack[height], alpha, count * sizeof *alpha);
        else {
            double(*first)[LANES] = &stack[height - operation->takes];

            operation->run(first[0], first[1], first[2], count);
        }
        height += 1u - operation->takes;
    }
    memcpy(alpha, stack[0], count * sizeof *alpha);
}

void ps_operations_run(const ps_curve_step *steps, uint32_t step_count, double *a, uint32_t count)
{
    for (uint32_t first = 0; first < count; first += LANES)
        run_lanes(steps, step_count, a + first, count - first < LANES ? count - first : LANES);
}
