#include "tests/cli/program.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace greytick::cli {

namespace fs = std::filesystem;

const char* const kHealthy = R"(
scenario: healthy
pipeline: {kind: naive}
users: 2
horizon: 1m
population: {presence: {mode: scripted}}
traffic: {messages: 0/s}
script:
  - {at: 1s, device: 0, do: connect}
  - {at: 1s, device: 1, do: connect}
  - {at: 2s, device: 1, do: send, to: 0, count: 30, every: 1s}
gates: [no_duplicate, fifo]
)";

const char* const kLifo = R"(
scenario: lifo
pipeline: {kind: naive, pop: lifo}
users: 2
horizon: 1m
population: {presence: {mode: scripted}}
traffic: {messages: 0/s}
script:
  - {at: 1s, device: 1, do: connect}
  - {at: 2s, device: 1, do: send, to: 0, count: 2, every: 1s}
  - {at: 10s, device: 0, do: connect}
gates: [offline_flush]
)";

Ran run_program(const std::vector<std::string>& arguments, const std::string& interrupt_after) {
  std::array<int, 2> out{}, err{};
  EXPECT_EQ(pipe(out.data()), 0);
  EXPECT_EQ(pipe(err.data()), 0);
  std::vector<char*> argv = {const_cast<char*>(GREYTICK_BINARY)};
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (const int fd : {out[0], out[1], err[0], err[1]}) close(fd);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);

  Ran ran;
  bool interrupted = interrupt_after.empty();
  std::array<pollfd, 2> fds = {{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
  for (int open = 2; open > 0;) {
    poll(fds.data(), fds.size(), -1);
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 4096> bytes{};
      const ssize_t n = read(fds[i].fd, bytes.data(), bytes.size());
      if (n > 0) {
        (i == 0 ? ran.out : ran.err).append(bytes.data(), static_cast<std::size_t>(n));
      } else {
        fds[i].fd = -1;
        --open;
      }
    }
    if (!interrupted && ran.err.find(interrupt_after) != std::string::npos) {
      kill(child, SIGINT);
      interrupted = true;
    }
  }
  close(out[0]);
  close(err[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return ran;
}

Program::Program() {
  std::string pattern = (fs::temp_directory_path() / "greytick-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
}

Program::~Program() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string Program::file(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ / name) << text;
  return (folder_ / name).string();
}

Ran Program::run(const std::string& text, std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"run", file("scenario.yaml", text), "--out", runs()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

std::string Program::read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace greytick::cli
