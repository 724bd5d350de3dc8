/* What limit.c and limit_run.c have between them. */
#ifndef PLAINSONG_DSP_LIMIT_STATE_H
#define PLAINSONG_DSP_LIMIT_STATE_H

#define PS_LIMIT_LATE 25u                /* frames that a true peak is known after it */
#define PS_LIMIT_ONE  (INT64_C(1) << 40) /* a gain of 1 */

#endif
