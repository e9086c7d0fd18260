/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A terminal by its escape sequences (those that all terminals have), see ctl_top_screen.h. */
#include "ctl_top_screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "util.h"

static struct termios before;
static volatile sig_atomic_t ended;

static void on_end(int signal)
{
	(void)signal;
	ended = 1;
}

static void on_size(int signal)
{
	(void)signal; /* it ends poll() */
}

static void catch (int signal, void (*handler)(int signal))
{
	struct sigaction action = { .sa_handler = handler };

	(void)sigaction(signal, &action, NULL);
}

int ctl_screen_open(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return -errno;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		return -errno;
	catch (SIGINT, on_end);
	catch (SIGTERM, on_end);
	catch (SIGHUP, on_end);
	catch (SIGWINCH, on_size);
	(void)fputs("\033[?1049h\033[?25l", stdout); /* another screen, no cursor */
	return 0;
}

void ctl_screen_close(void)
{
	(void)fputs("\033[?25h\033[?1049l", stdout);
	(void)fflush(stdout);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

void ctl_screen_size(int *ret_lines, int *ret_columns)
{
	struct winsize size = { 0 };

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*ret_lines = size.ws_row ? size.ws_row : 24;
	*ret_columns = size.ws_col ? size.ws_col : 80;
}

int ctl_screen_key(int milliseconds)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
	char key;
	int r = ended ? 0 : poll(&fd, 1, milliseconds);

	if (ended)
		return 'q';
	if (r <= 0)
		return 0;
	return read(STDIN_FILENO, &key, 1) == 1 ? key : 'q';
}
