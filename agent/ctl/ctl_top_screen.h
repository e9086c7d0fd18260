/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal of top: a screen of its own, keys one by one, and as it was at the end. */
#pragma once

#include <stdbool.h>

/* Takes the terminal over. 0 or a negative errno. It is given back by ctl_screen_close(). */
int ctl_screen_open(void);
void ctl_screen_close(void);

/* Lines and columns now; 24 and 80 when the terminal does not tell. */
void ctl_screen_size(int *ret_lines, int *ret_columns);

/*
 * Waits for a key, at most so many milliseconds. Returns it; 0 when the time is over or the window
 * has another size; 'q' when the program is to end (a signal, or nobody types any more).
 */
int ctl_screen_key(int milliseconds);
