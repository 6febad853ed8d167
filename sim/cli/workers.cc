#include "sim/cli/workers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/check.h"
#include "sim/cli/interrupt.h"

namespace greytick::cli {
namespace {

bool write_all(int pipe, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = write(pipe, text.data() + at, text.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

Workers::Workers(std::size_t jobs) : jobs_(jobs) { CHECK(jobs_ > 0); }

Workers::~Workers() {
  for (const Child& child : children_) {
    kill(child.pid, SIGKILL);
    close(child.pipe);
    while (waitpid(child.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

bool Workers::start(std::size_t id, const std::function<std::string()>& work) {
  CHECK(!full());
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return false;
  // What is buffered here must not be written twice.
  std::fflush(stdout);
  std::fflush(stderr);
  const pid_t pid = fork();
  if (pid < 0) {
    close(ends[0]);
    close(ends[1]);
    return false;
  }
  if (pid == 0) {
    close(ends[0]);
    bool written = false;
    try {
      written = write_all(ends[1], work());
    } catch (const std::exception& error) {
      std::fprintf(stderr, "greytick: internal error: %s\n", error.what());
    }
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  children_.push_back({.id = id, .pid = pid, .pipe = ends[0], .text = {}});
  return true;
}

void Workers::interrupt() {
  for (const Child& child : children_) kill(child.pid, SIGINT);
}

Workers::Done Workers::wait() {
  CHECK(!idle());
  bool told = false;
  for (;;) {
    if (interrupted() && !std::exchange(told, true)) interrupt();
    std::vector<pollfd> fds;
    fds.reserve(children_.size());
    for (const Child& child : children_) fds.push_back({child.pipe, POLLIN, 0});
    // A signal ends this wait, so that an interruption is passed on at once.
    if (poll(fds.data(), fds.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].revents == 0) continue;
      std::array<char, 65'536> bytes{};
      const ssize_t n = read(fds[i].fd, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n > 0) {
        children_[i].text.append(bytes.data(), static_cast<std::size_t>(n));
        continue;
      }
      Child child = std::move(children_[i]);
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
      close(child.pipe);
      int status = 0;
      while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
      }
      return {.id = child.id,
              .text = std::move(child.text),
              .whole = WIFEXITED(status) && WEXITSTATUS(status) == 0};
    }
  }
}

}  // namespace greytick::cli
