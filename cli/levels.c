/* Levels, told. */
#include "levels.h"

#include <math.h>

double cli_db(double level)
{
    return 20.0 * log10(level);
}

void cli_put_levels(json_out *j, const ps_levels *levels)
{
    json_number(j, "peak_dbfs", cli_db(levels->peak));
    json_number(j, "true_peak_dbtp", cli_db(levels->true_peak));
    json_number(j, "rms_dbfs", cli_db(levels->rms));
    json_number(j, "loudness_lufs", levels->integrated_lufs);
    json_number(j, "max_momentary_lufs", levels->max_momentary_lufs);
    json_number(j, "max_short_term_lufs", levels->max_short_term_lufs);
    json_number(j, "loudness_range_lu", levels->loudness_range_lu);
    json_integer(j, "not_finite", (int64_t)levels->not_finite);
}

/* "-16.2 LUFS", or what to say when there is none. */
static const char *lufs(double value, const char *none, char text[32])
{
    if (isfinite(value))
        snprintf(text, 32, "%.1f LUFS", value);
    else
        snprintf(text, 32, "%s", none);
    return text;
}

void cli_print_levels(const ps_levels *levels)
{
    char integrated[32], momentary[32], short_term[32];

    if (levels->not_finite > 0)
        printf("%llu samples are no numbers and count as silence\n",
               (unsigned long long)levels->not_finite);
    if (!(levels->peak > 0.0)) {
        printf("silence\n");
        return;
    }
    printf("peak %.1f dBFS, true peak %.1f dBTP, RMS %.1f dBFS\n", cli_db(levels->peak),
           cli_db(levels->true_peak), cli_db(levels->rms));
    printf("loudness %s, range %.1f LU\n", lufs(levels->integrated_lufs, "none", integrated),
           levels->loudness_range_lu);
    printf("loudest 400 ms %s, loudest 3 s %s\n",
           lufs(levels->max_momentary_lufs, "none", momentary),
           lufs(levels->max_short_term_lufs, "none", short_term));
}
