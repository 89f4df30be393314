/* Stands between a program and the system's calls that change a folder, counts them, and lets one of them fail or kill.

   Compiled and preloaded by server.py. A call counts if what it changes is below the folder in CRASH_ROOT. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, TEAR, FULL, FULL_FROM, BROKEN };
static atomic_long seen;
static long at;
static int mode, armed, trace = -1;

/* Begin to count. From the first call on that is number `number`, do what `what` says; tell each call to `log`. */
void crash_arm(long number, int what, int log) { at = number; mode = what; trace = log; seen = 0; armed = 1; }
long crash_disarm(void) { armed = 0; return seen; }

static int below(const char *path) {
    const char *root = getenv("CRASH_ROOT");
    return root && *root && strncmp(path, root, strlen(root)) == 0;
}

static int below_at(int folder, const char *path, char *out) {
    char link[64];
    if (path && path[0] == '/') snprintf(out, PATH_MAX, "%s", path);
    else {
        if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t size = readlink(link, out, PATH_MAX - 1);
        if (size < 0) return 0;
        out[size] = 0;
        if (path) {
            strncat(out, "/", PATH_MAX - strlen(out) - 1);
            strncat(out, path, PATH_MAX - strlen(out) - 1);
        }
    }
    return below(out);
}

/* Return 0 to go on, -1 with errno to fail, 1 to write half and die. */
static int met(const char *name, int folder, const char *path, int writes) {
    char full[PATH_MAX];
    if (!armed || !below_at(folder, path, full)) return 0;
    long number = atomic_fetch_add(&seen, 1) + 1;
    if (trace >= 0) dprintf(trace, "%ld %s %s\n", number, name, full);
    if (mode == FULL_FROM && number >= at && writes) { errno = ENOSPC; return -1; }
    if (number != at || mode == COUNT || mode == FULL_FROM) return 0;
    if (mode == TEAR && writes == 2) return 1;
    if (mode == FULL && writes) { errno = ENOSPC; return -1; }
    if (mode == BROKEN) { errno = EIO; return -1; }
    if (mode == KILL || mode == TEAR) { kill(getpid(), SIGKILL); for (;;) pause(); }
    return 0;
}

static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, write, int, const void *, size_t);
    int how = fd == trace ? 0 : met("write", fd, NULL, 2);
    if (how < 0) return -1;
    if (how) { real(fd, data, size / 2); die(); }
    return real(fd, data, size);
}
ssize_t writev(int fd, const struct iovec *pieces, int number) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    int how = met("writev", fd, NULL, 2);
    if (how < 0) return -1;
    if (how) { real(fd, pieces, number / 2); die(); }
    return real(fd, pieces, number);
}
#define PWRITE(name, offset_type) \
ssize_t name(int fd, const void *data, size_t size, offset_type offset) { \
    REAL(ssize_t, name, int, const void *, size_t, offset_type); \
    int how = met("pwrite", fd, NULL, 2); \
    if (how < 0) return -1; \
    if (how) { real(fd, data, size / 2, offset); die(); } \
    return real(fd, data, size, offset); }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
#define SENDFILE(name, offset_type) \
ssize_t name(int to, int from, offset_type *offset, size_t size) { \
    REAL(ssize_t, name, int, int, offset_type *, size_t); \
    int how = met("sendfile", to, NULL, 2); \
    if (how < 0) return -1; \
    if (how) { real(to, from, offset, size / 2); die(); } \
    return real(to, from, offset, size); }
SENDFILE(sendfile, off_t)
SENDFILE(sendfile64, off64_t)
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t size, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    int how = met("copy_file_range", to, NULL, 2);
    if (how < 0) return -1;
    if (how) { real(from, a, to, b, size / 2, flags); die(); }
    return real(from, a, to, b, size, flags);
}

#define FD(name) int name(int fd) { \
    REAL(int, name, int); \
    return met(#name, fd, NULL, 0) < 0 ? -1 : real(fd); }
FD(fsync)
FD(fdatasync)
#define TRUNCATE(name, offset_type) int name(int fd, offset_type size) { \
    REAL(int, name, int, offset_type); \
    return met(#name, fd, NULL, 0) < 0 ? -1 : real(fd, size); }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define OPEN(name) int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); \
    va_list rest; va_start(rest, flags); mode_t how = va_arg(rest, mode_t); va_end(rest); \
    if ((flags & (O_CREAT | O_TRUNC)) && met("open", AT_FDCWD, path, 1) < 0) return -1; \
    return real(path, flags, how); }
OPEN(open)
OPEN(open64)
#define OPENAT(name) int name(int folder, const char *path, int flags, ...) { \
    REAL(int, name, int, const char *, int, ...); \
    va_list rest; va_start(rest, flags); mode_t how = va_arg(rest, mode_t); va_end(rest); \
    if ((flags & (O_CREAT | O_TRUNC)) && met("open", folder, path, 1) < 0) return -1; \
    return real(folder, path, flags, how); }
OPENAT(openat)
OPENAT(openat64)

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    return met("rename", AT_FDCWD, to, 0) < 0 ? -1 : real(from, to);
}
int renameat(int a, const char *from, int b, const char *to) {
    REAL(int, renameat, int, const char *, int, const char *);
    return met("rename", b, to, 0) < 0 ? -1 : real(a, from, b, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    REAL(int, renameat2, int, const char *, int, const char *, unsigned);
    return met("rename", b, to, 0) < 0 ? -1 : real(a, from, b, to, flags);
}
int unlink(const char *path) {
    REAL(int, unlink, const char *);
    return met("unlink", AT_FDCWD, path, 0) < 0 ? -1 : real(path);
}
int unlinkat(int folder, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    return met("unlink", folder, path, 0) < 0 ? -1 : real(folder, path, flags);
}
int rmdir(const char *path) {
    REAL(int, rmdir, const char *);
    return met("rmdir", AT_FDCWD, path, 0) < 0 ? -1 : real(path);
}
int mkdir(const char *path, mode_t how) {
    REAL(int, mkdir, const char *, mode_t);
    return met("mkdir", AT_FDCWD, path, 1) < 0 ? -1 : real(path, how);
}
int mkdirat(int folder, const char *path, mode_t how) {
    REAL(int, mkdirat, int, const char *, mode_t);
    return met("mkdir", folder, path, 1) < 0 ? -1 : real(folder, path, how);
}
int symlink(const char *to, const char *path) {
    REAL(int, symlink, const char *, const char *);
    return met("symlink", AT_FDCWD, path, 1) < 0 ? -1 : real(to, path);
}
int symlinkat(const char *to, int folder, const char *path) {
    REAL(int, symlinkat, const char *, int, const char *);
    return met("symlink", folder, path, 1) < 0 ? -1 : real(to, folder, path);
}
