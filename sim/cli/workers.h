// Independent runs in processes of their own, since they share nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace greytick::cli {

/// Forks a child a job; its text comes back through a pipe. Not for programs with threads.
class Workers {
 public:
  /// jobs: how many run at a time, at least one.
  explicit Workers(std::size_t jobs);
  /// Kills what still runs.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  bool full() const { return children_.size() >= jobs_; }
  bool idle() const { return children_.empty(); }

  /// Begins `work` in a child; id comes back with its answer. False when no process could be made.
  bool start(std::size_t id, const std::function<std::string()>& work);

  struct Done {
    std::size_t id = 0;
    std::string text;
    bool whole = false;  // the child ended by itself and said everything
  };
  /// The next answer, in the order in which they arrive; not when idle. When this process is
  /// interrupted meanwhile, the children are too, and end soon.
  Done wait();

  /// Asks every child to stop where it is.
  void interrupt();

 private:
  struct Child {
    std::size_t id;
    pid_t pid;
    int pipe;
    std::string text;
  };
  std::size_t jobs_;
  std::vector<Child> children_;
};

}  // namespace greytick::cli
