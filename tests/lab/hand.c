/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs programs in the hosts of the lab, which are network namespaces.
 *
 *   hand HOST COMMAND...   becomes that command in the host
 *   hand                   runs commands for the shell that has started it, one after the other
 *
 * The second is for the fork of the shell, which under user-mode-linux takes longer than most of
 * the programs that a scenario starts. Of stdin each command is words with a NUL behind each: how
 * many follow, the number of a descriptor, HOST and COMMAND... with an empty HOST where it is to
 * run beside the shell. It gets the shell's stdin, directory and stderr, and that descriptor as
 * stdout (the shell's own is redirected while it writes the words), by pidfd_getfd(2); its exit
 * status, as a shell counts, is a line on this program's stdout when it has ended. Ends at the end
 * of stdin. Linked like real-server.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_WORDS 4096

struct shell {
	pid_t pid;
	int fd;
};

static void enter(const char *host)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "/run/netns/%s", host);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		err(125, "%s", path);
	close(fd);
}

static _Noreturn void become(char **command)
{
	execvp(command[0], command);
	warn("%s", command[0]);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Allocated; NULL at the end of the input. */
static char *read_word(void)
{
	char *word = NULL;
	size_t size = 0;
	ssize_t len = getdelim(&word, &size, '\0', stdin);

	if (len > 0 && word[len - 1])
		errx(1, "a word without its end");
	if (len > 0)
		return word;
	free(word);
	return NULL;
}

/* The words of the next command with a NULL behind them; false at the end of the input. */
static bool read_command(char **words)
{
	char *text = read_word();
	unsigned long count = text ? strtoul(text, NULL, 10) : 0;

	if (!text)
		return false;
	free(text);
	if (count < 3 || count > MOST_WORDS)
		errx(1, "no command has %lu words", count);
	for (unsigned long i = 0; i < count; i++)
		if (!(words[i] = read_word()))
			errx(1, "a command without its end");
	words[count] = NULL;
	return true;
}

static void take_descriptor(const struct shell *shell, int theirs, int here)
{
	int fd = (int)syscall(SYS_pidfd_getfd, shell->fd, theirs, 0);

	if (fd < 0 && errno == EBADF) /* the shell has it closed */
		close(here);
	else if (fd < 0 || dup2(fd, here) < 0)
		err(125, "descriptor %d", theirs);
}

/* Takes over what the shell has as stdin, stdout, stderr and directory. */
static void take_place(const struct shell *shell, int out)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/cwd", (int)shell->pid);
	if (chdir(path) < 0)
		err(125, "%s", path);
	take_descriptor(shell, STDIN_FILENO, STDIN_FILENO);
	take_descriptor(shell, out, STDOUT_FILENO);
	take_descriptor(shell, STDERR_FILENO, STDERR_FILENO);
}

/* Its exit status. */
static int run(const struct shell *shell, char **words)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		/* A shell without job control has had them ignored, in what it starts beside
		 * itself. */
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		take_place(shell, atoi(words[0]));
		if (words[1][0])
			enter(words[1]);
		become(words + 2);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void serve(void)
{
	static char *words[MOST_WORDS + 1];
	struct shell shell = { .pid = getppid() };

	shell.fd = (int)syscall(SYS_pidfd_open, shell.pid, 0);
	if (shell.fd < 0)
		err(1, "pidfd_open");
	while (read_command(words)) {
		if (printf("%d\n", run(&shell, words)) < 0 || fflush(stdout))
			err(1, "output");
		for (char **word = words; *word; word++)
			free(*word);
	}
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		serve();
		return 0;
	}
	if (argc == 2)
		errx(2, "usage: hand [HOST COMMAND...]");
	enter(argv[1]);
	become(argv + 2);
}
