/*
 * Code compiled once per instruction set: the sources listed as row_sources in meson.build are
 * built for every row with that row's flags and PS_ROW_NAME, plain C being "c". A name PS_ROW(x) is
 * x_c, x_avx2, ... and the rows cannot meet by accident.
 */
#ifndef PLAINSONG_BASE_ROW_H
#define PLAINSONG_BASE_ROW_H

#ifndef PS_ROW_NAME
#define PS_ROW_NAME c
#endif

#define PS_ROW_JOIN(name, row)   name##_##row
#define PS_ROW_EXPAND(name, row) PS_ROW_JOIN(name, row)
#define PS_ROW(name)             PS_ROW_EXPAND(name, PS_ROW_NAME)

/* The row's name as a text. */
#define PS_ROW_QUOTE(row) #row
#define PS_ROW_SPELL(row) PS_ROW_QUOTE(row)
#define PS_ROW_TEXT       PS_ROW_SPELL(PS_ROW_NAME)

#endif
