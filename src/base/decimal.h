/*
 * Decimal numbers in texts, the same in every locale: the C library's own readers and writers obey
 * that of the process.
 */
#ifndef PLAINSONG_BASE_DECIMAL_H
#define PLAINSONG_BASE_DECIMAL_H

/*
 * Reads "-12.5e3": a sign, digits with one point, an exponent, of which only digits are needed.
 * *number is the nearest double, of two the even one; an infinity when it is too large. Returns
 * what stands behind it, NULL when there is no number.
 */
const char *ps_decimal_read(const char *text, double *number);

#endif
