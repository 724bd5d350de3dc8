/*
 * Reading guesses a double and corrects it with exact integers (Clinger, "How to Read Floating
 * Point Numbers Accurately", PLDI 1990): D * 10^E lies nearest to z when it is not above the middle
 * of z and the next double, nor below that of z and the one before. Positive doubles are in the
 * order of their bits, so that next and before are + 1 and - 1.
 */
#include "base/decimal.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "plainsong/value.h"

/* The middle of two doubles has 767 digits at most: behind as many, what matters of the digits is
   whether one of them is not 0, which a last digit says. */
#define DIGITS_MOST 768u
#define HEAD_DIGITS 19u /* what 64 bits hold */

/* Of 10^POWER_MOST up all is infinite, below 10^POWER_LEAST 0 is nearest. */
#define POWER_MOST  310
#define POWER_LEAST (-324)

#define INFINITE_BITS (UINT64_C(0x7ff) << 52)

/* ---- Large integers ------------------------------------------------------------------------ */

/* Most bits are those of 10^(DIGITS_MOST + 1 - POWER_LEAST) * 2^54: 3685. */
#define LIMBS 120u

typedef struct big {
    uint32_t limbs[LIMBS]; /* the least first */
    uint32_t count;        /* the last is not 0 */
} big;

static big big_of(uint64_t number)
{
    big b = {.limbs = {(uint32_t)number, (uint32_t)(number >> 32)}};

    b.count = b.limbs[1] ? 2 : b.limbs[0] ? 1 : 0;
    return b;
}

/* b = b * factor + more */
static void big_scale(big *b, uint32_t factor, uint32_t more)
{
    uint64_t carry = more;

    for (uint32_t i = 0; i < b->count; i++) {
        carry += (uint64_t)b->limbs[i] * factor;
        b->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0) {
        assert(b->count < LIMBS);
        b->limbs[b->count++] = (uint32_t)carry;
    }
}

static void big_scale_ten(big *b, int64_t power)
{
    for (; power >= 9; power -= 9)
        big_scale(b, 1000000000, 0);
    for (; power > 0; power--)
        big_scale(b, 10, 0);
}

static void big_shift(big *b, int bits)
{
    const uint32_t whole = (uint32_t)bits / 32;

    if (b->count == 0)
        return;
    big_scale(b, UINT32_C(1) << (bits % 32), 0);
    assert(b->count + whole <= LIMBS);
    memmove(b->limbs + whole, b->limbs, b->count * sizeof *b->limbs);
    memset(b->limbs, 0, whole * sizeof *b->limbs);
    b->count += whole;
}

static int big_compare(const big *a, const big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (uint32_t i = a->count; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
    return 0;
}

/* ---- What stands in a text ----------------------------------------------------------------- */

/* digits * 10^exponent, about head * 10^head_exponent. */
typedef struct decimal {
    big digits;
    uint32_t count; /* of the digits, without zeros in front */
    int64_t exponent;
    uint64_t head;
    int64_t head_exponent;
    bool lost; /* a digit that is not 0 */
} decimal;

static void take_digit(decimal *d, uint32_t digit, bool behind_point)
{
    d->exponent -= behind_point;
    if (d->count == 0 && digit == 0)
        return;
    if (d->count == DIGITS_MOST) {
        d->lost = d->lost || digit > 0;
        d->exponent++;
        return;
    }
    big_scale(&d->digits, 10, digit);
    if (d->count < HEAD_DIGITS)
        d->head = d->head * 10 + digit;
    d->count++;
}

/* An exponent behind its letter; where there is none, nothing is taken. */
static const char *take_exponent(decimal *d, const char *text)
{
    const bool minus = text[1] == '-';
    const char *at = text + 1 + (minus || text[1] == '+');
    int64_t exponent = 0;

    if (!ps_ascii_is_digit(*at))
        return text;
    for (; ps_ascii_is_digit(*at); at++)
        exponent = exponent < INT64_MAX / 100 ? exponent * 10 + (*at - '0') : exponent;
    d->exponent += minus ? -exponent : exponent;
    return at;
}

static const char *take_decimal(decimal *d, const char *text)
{
    bool any = false, point = false;

    memset(d, 0, sizeof *d);
    for (; ps_ascii_is_digit(*text) || (*text == '.' && !point); text++) {
        point = point || *text == '.';
        any = any || *text != '.';
        if (*text != '.')
            take_digit(d, (uint32_t)(*text - '0'), point);
    }
    if (!any)
        return NULL;
    if (*text == 'e' || *text == 'E')
        text = take_exponent(d, text);
    d->head_exponent = d->exponent + (d->count > HEAD_DIGITS ? d->count - HEAD_DIGITS : 0);
    if (d->lost) {
        big_scale(&d->digits, 10, 1);
        d->exponent--;
    }
    return text;
}

/* ---- To the nearest double ----------------------------------------------------------------- */

/* Right to some units in the last place. */
static uint64_t guess(const decimal *d)
{
    static const double tens[] = {1e1, 1e2, 1e4, 1e8, 1e16, 1e32, 1e64, 1e128, 1e256};
    const uint64_t power = (uint64_t)(d->head_exponent < 0 ? -d->head_exponent : d->head_exponent);
    double number = (double)d->head;
    uint64_t bits;

    for (uint32_t i = 0; i < sizeof tens / sizeof tens[0]; i++) {
        if (power >> i & 1)
            number = d->head_exponent < 0 ? number / tens[i] : number * tens[i];
    }
    memcpy(&bits, &number, sizeof bits);
    return bits < INFINITE_BITS ? bits : INFINITE_BITS - 1;
}

/* Whether the number is above the middle of a double and the next one, or on it where the next one
   is even. */
static bool is_beyond(const decimal *d, uint64_t bits)
{
    const uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1), biased = bits >> 52;
    const uint64_t whole = biased > 0 ? fraction | UINT64_C(1) << 52 : fraction;
    const int exponent = (biased > 0 ? (int)biased : 1) - 1075; /* the double: whole * 2^exponent */
    big number = d->digits, middle = big_of(2 * whole + 1);     /* the middle: times 2^-1 as well */

    big_scale_ten(&number, d->exponent);
    big_scale_ten(&middle, -d->exponent);
    if (exponent - 1 < 0)
        big_shift(&number, 1 - exponent);
    else
        big_shift(&middle, exponent - 1);
    const int order = big_compare(&number, &middle);
    return order > 0 || (order == 0 && whole % 2 == 1);
}

static uint64_t nearest(const decimal *d)
{
    const int64_t power =
        d->exponent + (int64_t)d->count + d->lost; /* the number: below 10^power */

    if (d->count == 0 || power < POWER_LEAST)
        return 0;
    if (power > POWER_MOST)
        return INFINITE_BITS;
    uint64_t bits = guess(d);
    while (bits < INFINITE_BITS && is_beyond(d, bits))
        bits++;
    while (bits > 0 && !is_beyond(d, bits - 1))
        bits--;
    return bits;
}

const char *ps_decimal_read(const char *text, double *number)
{
    const bool minus = *text == '-';
    decimal d;
    const char *end = take_decimal(&d, text + (minus || *text == '+'));

    if (!end)
        return NULL;
    const uint64_t bits = nearest(&d);
    memcpy(number, &bits, sizeof *number);
    *number = minus ? -*number : *number;
    return end;
}

/* ---- To text ------------------------------------------------------------------------------- */

/* The digits of "%.*e", whatever its point is, without zeros at the end; and the power of the
   first. */
static void split(char digits[20], int *count, int *power, int precision, double number)
{
    char text[48];
    const char *at = text;

    snprintf(text, sizeof text, "%.*e", precision - 1, number);
    for (*count = 0; *at != 'e'; at++) {
        if (ps_ascii_is_digit(*at))
            digits[(*count)++] = *at;
    }
    while (*count > 1 && digits[*count - 1] == '0')
        --*count;
    digits[*count] = '\0';
    *power = 0;
    for (const char *digit = at + 2; *digit; digit++)
        *power = *power * 10 + (*digit - '0');
    *power = at[1] == '-' ? -*power : *power;
}

static bool reads_back(const char *digits, int count, int power, double number)
{
    char text[40];
    double back;

    snprintf(text, sizeof text, "%se%d", digits, power - count + 1);
    ps_decimal_read(text, &back);
    return back == number;
}

/* A magnitude that is no small integer: "0.001", "12.5", "1.5e+300". */
static size_t put_digits(char *text, size_t bytes, double magnitude)
{
    char digits[20];
    /* Of the numbers with full precision, all of up to 15 digits are told apart by 15. */
    int count, power, precision = magnitude < DBL_MIN ? 1 : DBL_DIG;

    for (;; precision++) {
        split(digits, &count, &power, precision, magnitude);
        if (precision == 17 || reads_back(digits, count, power, magnitude))
            break;
    }
    int length;
    if (power < -4 || power >= precision)
        length = snprintf(text, bytes, "%c%s%se%c%02d", digits[0], count > 1 ? "." : "", digits + 1,
                          power < 0 ? '-' : '+', power < 0 ? -power : power);
    else if (power < 0)
        length = snprintf(text, bytes, "0.%.*s%s", -power - 1, "000", digits);
    else if (power < count - 1)
        length = snprintf(text, bytes, "%.*s.%s", power + 1, digits, digits + power + 1);
    else
        length = snprintf(text, bytes, "%s%.*s", digits, power + 1 - count, "0000000000000000");
    return (size_t)length;
}

size_t ps_number_text(char *text, double number)
{
    const size_t sign = signbit(number) ? 1 : 0;
    const double magnitude = fabs(number);

    if (!isfinite(number))
        return (size_t)snprintf(text, PS_NUMBER_BYTES, "null");
    memcpy(text, "-", sign);
    if (number == 0.0)
        return sign + (size_t)snprintf(text + sign, PS_NUMBER_BYTES - 1, sign ? "0.0" : "0");
    if (magnitude == trunc(magnitude) && magnitude < 0x1p53)
        return sign + (size_t)snprintf(text + sign, PS_NUMBER_BYTES - 1, "%llu",
                                       (unsigned long long)magnitude);
    return sign + put_digits(text + sign, PS_NUMBER_BYTES - 1, magnitude);
}
