// A card that fails: writes and syncs of files below CARD_SHIM_DIR go as the first byte of the file CARD_SHIM says, for every program
// it is preloaded into:  cc -shared -fPIC -O1 -o shim.so card-shim.c -ldl; CARD_SHIM=control CARD_SHIM_DIR=/state LD_PRELOAD=./shim.so …
//   0 works · e: EIO · s: only syncs fail, with EIO · f: full, ENOSPC · h: half of each write is written, which is no error
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile char *control;
static const char *directory;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CARD_SHIM");
  int file = path ? open(path, O_RDONLY) : -1;
  directory = getenv("CARD_SHIM_DIR");
  if (file < 0 || !directory) return;
  void *mapped = mmap(0, 1, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) control = mapped;
  close(file);
}

static char fault(int file) {
  char link[32], path[4096];
  char now = control ? *control : '0';
  if (now == '0') return now;
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = before;
  size_t prefix = strlen(directory);
  return length > (ssize_t)prefix && strncmp(path, directory, prefix) == 0 && path[prefix] == '/' ? now : '0';
}

static int refused(char now) {
  if (now != 'e' && now != 'f') return 0;
  errno = now == 'e' ? EIO : ENOSPC;
  return 1;
}

static size_t part(char now, size_t count) { return now == 'h' && count > 1 ? count / 2 : count; }

#define REAL(name) static __typeof__(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *from, size_t count) {
  REAL(write);
  char now = fault(file);
  return refused(now) ? -1 : real(file, from, part(now, count));
}

ssize_t pwrite(int file, const void *from, size_t count, off_t at) {
  REAL(pwrite);
  char now = fault(file);
  return refused(now) ? -1 : real(file, from, part(now, count), at);
}

ssize_t pwrite64(int file, const void *from, size_t count, off64_t at) {
  REAL(pwrite64);
  char now = fault(file);
  return refused(now) ? -1 : real(file, from, part(now, count), at);
}

static int sync_as(int (*real)(int), int file) {
  char now = fault(file);
  if (now != 'e' && now != 's') return real(file);
  errno = EIO;
  return -1;
}

int fsync(int file) {
  REAL(fsync);
  return sync_as(real, file);
}

int fdatasync(int file) {
  REAL(fdatasync);
  return sync_as(real, file);
}
