/* Decimal texts against the C library's own, in the "C" locale; and in one with a comma. */
#include "support.h"

#include <float.h>
#include <math.h>

#include "base/decimal.h"
#include "base/random.h"
#include "comma_locale.h"
#include "plainsong/value.h"

#define TEXTS      50000u /* of each kind; PS_DECIMAL_TEXTS asks for more */
#define TEXT_BYTES 2600u

static uint64_t key, drawn;

static uint64_t draw(void)
{
    return ps_random_bits(key, drawn++);
}

static uint32_t below(uint32_t most)
{
    return (uint32_t)(draw() % most);
}

static uint32_t texts(void)
{
    const char *asked = getenv("PS_DECIMAL_TEXTS");

    return asked ? (uint32_t)atol(asked) : TEXTS;
}

static double of_bits(uint64_t bits)
{
    double number;

    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint64_t bits_of(double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static double any_finite(void)
{
    for (;;) {
        const double number = of_bits(draw());

        if (isfinite(number))
            return number;
    }
}

static void reads_alike(const char *text)
{
    double ours = 77.0;
    char *behind;
    const double theirs = strtod(text, &behind);
    const char *end = ps_decimal_read(text, &ours);

    if (end != behind)
        fail_msg("%.100s: ends at %td, not %td", text, end ? end - text : -1, behind - text);
    if (bits_of(ours) != bits_of(theirs))
        fail_msg("%.1200s: %a, not %a", text, ours, theirs);
}

/* ---- Reading ------------------------------------------------------------------------------- */

static void printed_doubles_are_read_alike(void **state)
{
    char text[64];

    (void)state;
    for (uint32_t i = 0; i < texts(); i++) {
        snprintf(text, sizeof text, "%.*e", (int)below(21), any_finite());
        reads_alike(text);
    }
}

/* Digits with a point anywhere, and an exponent that leads near, to and beyond both ends. */
static void digits_by_chance_are_read_alike(void **state)
{
    char text[128];

    (void)state;
    for (uint32_t i = 0; i < texts(); i++) {
        const uint32_t digits = 1 + below(i % 8 == 0 ? 60 : 20), point = below(digits + 1);
        char *at = text;

        if (below(3) == 0)
            *at++ = below(2) ? '-' : '+';
        for (uint32_t d = 0; d < digits; d++) {
            if (d == point)
                *at++ = '.';
            *at++ = (char)('0' + (below(4) == 0 ? 0 : below(10)));
        }
        *at = '\0';
        if (below(4) > 0)
            sprintf(at, "%c%s%u", below(2) ? 'e' : 'E',
                    below(2)   ? "-"
                    : below(2) ? "+"
                               : "",
                    below(below(2) ? 400 : 30));
        reads_alike(text);
    }
}

/* The exact middle of two doubles, and what differs from it in its last digit or far behind. */
static void near_ties(uint64_t bits)
{
    char text[TEXT_BYTES];
    const long double low = of_bits(bits), high = of_bits(bits + 1);
    const long double middle = low + (high - low) / 2;
    int length = snprintf(text, sizeof text, "%.*Le", 780, middle); /* all its digits, then zeros */
    char *e = strchr(text, 'e');
    char tail[16];

    assert_true(length > 0 && e);
    snprintf(tail, sizeof tail, "%s", e);
    reads_alike(text);
    e[-1] = '1';
    reads_alike(text);
    for (int more = 0; more < 40; more++)
        e[more] = more == 39 ? '7' : '0';
    e[-1] = '0';
    strcpy(e + 40, tail);
    reads_alike(text);
    strcpy(e, tail);
    while (e[-1] == '0') /* one less in the last digit that is not 0 */
        e--;
    strcpy(e, tail);
    e[-1]--;
    reads_alike(text);
}

static void ties_go_to_the_even_double(void **state)
{
    (void)state;
    if (LDBL_MANT_DIG < 64 || LDBL_MIN_EXP >= DBL_MIN_EXP) {
        print_message("a long double does not hold the middle of two doubles here\n");
        skip();
    }
    for (uint32_t i = 0; i < texts() / 100; i++) {
        uint64_t bits = draw() >> 1;

        if (i % 4 == 0)
            bits = draw() >> 12; /* below the normal ones */
        if (i % 8 == 1)
            bits = bits & ~((UINT64_C(1) << 52) - 1); /* a power of two */
        if (bits + 1 < UINT64_C(0x7ff) << 52)
            near_ties(bits);
    }
}

static void ends_of_the_range_are_read_alike(void **state)
{
    static const char *const rows[] = {
        "0",
        "-0",
        "+0.0e5",
        "0e999999999999999999999",
        "-0e-99999999999999999999999999",
        "00012",
        "000000000000000000000000000000000000000000.000000000000000000000000000000000001e30",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "-1.8e308",
        "179769313486231570814527423731704356798070567525844996598917476803157260780028538760589558"
        "632766878171540458953514382464234321326889464182768467546703537516986049910576551282076245"
        "490090389328944075868508455133942304583236903222948165808559332123347747979.26414400000",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2e-324",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "1e-99999999999999999999",
        "1e99999999999999999999",
        "9007199254740993",
        "9007199254740992.99999999999999999999999999999999999",
        "9007199254740993.000000000000001",
        "1e23",
        "8.5e22",
        "123456789012345678901234567890e-10",
        "1.",
        ".5",
        "5.e1",
        ".5e-1",
        "1e",
        "1e+",
        "1e-x",
        "1.5.5",
        "1e5.5",
        "1e5e5",
        "12abc",
        "7,5",
        "1 2",
        "3_000",
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        reads_alike(rows[i]);
}

static void more_digits_than_matter_are_read_alike(void **state)
{
    static char text[TEXT_BYTES];

    (void)state;
    for (uint32_t i = 0; i < texts() / 200; i++) {
        const uint32_t digits = 700 + below(1500), point = below(digits);

        for (uint32_t d = 0; d < digits; d++)
            text[d] = (char)('0' + (d > 60 && i % 2 ? 0 : below(10)));
        text[digits - 1] = (char)('0' + below(2));
        text[point] = '.';
        sprintf(text + digits, "e%d", (int)below(800) - 400 - (int)point);
        reads_alike(text);
    }
}

static void what_is_no_number_is_none(void **state)
{
    static const char *const rows[] = {"",    " 1",  ".",    "+",        "-.",  "e5",  "+e5", ".e5",
                                       "inf", "nan", "-inf", "INFINITY", "--1", "+-1", "x1",  ",5"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double number = 77.0;

        if (ps_decimal_read(rows[i], &number) || number != 77.0)
            fail_msg("\"%s\" is %g", rows[i], number);
    }
}

/* ---- Values -------------------------------------------------------------------------------- */

static double value_of_text(const char *text)
{
    const ps_value value = {.kind = PS_VALUE_TEXT, .text = text};
    double number = -77.0;

    return ps_value_number(&value, &number) ? number : (double)NAN;
}

static void texts_of_values_are_whole_numbers_with_blanks(void **state)
{
    static const char *const wrong[] = {"",    " ",    "1 2",   "0x10", "nan", "inf",
                                        "1,5", "1e5x", "1e309", "--1",  "1 x", "-1e999"};

    (void)state;
    assert_true(value_of_text(" 1e2 ") == 100.0);
    assert_true(value_of_text("\t-2.5\r\n") == -2.5);
    assert_true(value_of_text("1e-400") == 0.0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_true(isnan(value_of_text(wrong[i])));
}

static void the_locale_does_not_matter(void **state)
{
    char text[PS_NUMBER_BYTES];

    (void)state;
    if (!use_comma_locale()) {
        print_message("%s\n", NO_COMMA_LOCALE);
        skip();
    }
    assert_true(strtod("2,5", NULL) == 2.5); /* it does for the C library */
    assert_true(value_of_text("2.5") == 2.5);
    assert_true(isnan(value_of_text("2,5")));
    ps_number_text(text, 2.5);
    assert_string_equal(text, "2.5");
    ps_number_text(text, -1.5e-7);
    assert_string_equal(text, "-1.5e-07");
    setlocale(LC_ALL, "C");
}

/* ---- Writing ------------------------------------------------------------------------------- */

static uint32_t digits_in(const char *text)
{
    uint32_t count = 0, zeros = 0;

    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (count == 0 && *text == '0'))
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

static void writes_the_least(double number)
{
    char text[PS_NUMBER_BYTES], shorter[64];
    const size_t length = ps_number_text(text, number);

    assert_int_equal(length, strlen(text));
    assert_true(length < PS_NUMBER_BYTES);
    if (bits_of(strtod(text, NULL)) != bits_of(number))
        fail_msg("%a is written %s", number, text);
    const uint32_t digits = digits_in(text);
    if (digits < 2)
        return;
    snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, number);
    if (strtod(shorter, NULL) == number)
        fail_msg("%s would do instead of %s", shorter, text);
}

static void numbers_are_written_in_the_fewest_digits(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < texts() / 10; i++) {
        writes_the_least(any_finite());
        writes_the_least(of_bits(draw() >> 12)); /* below the normal ones */
        writes_the_least((double)(int32_t)below(1u << 31) / (double)(1u << below(20)));
        writes_the_least((double)below(100000) / 1000.0);
        writes_the_least((double)(draw() >> below(64)));
    }
    writes_the_least(DBL_MAX);
    writes_the_least(-DBL_MIN);
    writes_the_least(0x1p53);
    writes_the_least(-0x1p53 + 1.0);
}

static void numbers_are_written_as_people_would(void **state)
{
    static const struct {
        double number;
        const char *text;
    } rows[] = {
        {0.0, "0"},
        {-0.0, "-0.0"},
        {44100.0, "44100"},
        {1e6, "1000000"},
        {-0.5, "-0.5"},
        {0.1, "0.1"},
        {1.0 / 3.0, "0.3333333333333333"},
        {0.0001, "0.0001"},
        {0.00012, "0.00012"},
        {0.00001, "1e-05"},
        {1e15, "1000000000000000"},
        {1e16, "1e+16"},
        {1.5e300, "1.5e+300"},
        {5e-324, "5e-324"},
        {1234567.5, "1234567.5"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740994.0, "9007199254740994"},
        {1e22, "1e+22"},
        {(double)NAN, "null"},
        {-(double)INFINITY, "null"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PS_NUMBER_BYTES];

        assert_int_equal(ps_number_text(text, rows[i].number), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_doubles_are_read_alike),
        cmocka_unit_test(digits_by_chance_are_read_alike),
        cmocka_unit_test(ties_go_to_the_even_double),
        cmocka_unit_test(ends_of_the_range_are_read_alike),
        cmocka_unit_test(more_digits_than_matter_are_read_alike),
        cmocka_unit_test(what_is_no_number_is_none),
        cmocka_unit_test(texts_of_values_are_whole_numbers_with_blanks),
        cmocka_unit_test(the_locale_does_not_matter),
        cmocka_unit_test(numbers_are_written_in_the_fewest_digits),
        cmocka_unit_test(numbers_are_written_as_people_would),
    };

    key = ps_random_key(3, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
