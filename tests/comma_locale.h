/* A locale that writes 1,5, where one is installed (or lies in LOCPATH). */
#ifndef TESTS_COMMA_LOCALE_H
#define TESTS_COMMA_LOCALE_H

#include <locale.h>
#include <stdbool.h>
#include <string.h>

#define NO_COMMA_LOCALE "no locale with a decimal comma is installed"

/* Makes it the locale of the process; false when there is none, which leaves "C". */
static inline bool use_comma_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8",  "fr_FR.UTF-8",
                                        "nl_NL.UTF-8", "pt_BR.UTF-8", "ru_RU.UTF-8"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (setlocale(LC_ALL, names[i]) && strcmp(localeconv()->decimal_point, ",") == 0)
            return true;
    }
    setlocale(LC_ALL, "C");
    return false;
}

#endif
