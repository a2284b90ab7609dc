#include "tests/bench/server.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include <curl/curl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;  // NOLINT(readability-redundant-declaration)

namespace cairn::bench {

Sink::Sink(const std::string& program, const SinkOptions& options) {
  std::vector<std::string> words{program, "--delay-ms", std::to_string(options.delay_ms), "--keys",
                                 std::to_string(options.keys)};
  if (options.tls) {
    char name[] = "/tmp/cairn-bench-XXXXXX";
    const int file = mkstemp(name);
    if (file < 0) throw std::runtime_error("no temporary file for a certificate");
    close(file);
    ca_file_ = name;
    words.insert(words.end(), {"--tls", ca_file_});
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe(in.data()) != 0 || pipe(out.data()) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in[0], 0);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  if (posix_spawn(&child_, program.c_str(), &files, nullptr, argv.data(), environ) != 0) {
    throw std::runtime_error("cannot start " + program);
  }
  posix_spawn_file_actions_destroy(&files);
  close(in[0]);
  close(out[1]);
  to_child_ = in[1];
  std::FILE* from_child = fdopen(out[0], "r");
  if (from_child == nullptr || std::fscanf(from_child, "%d", &port_) != 1) {
    throw std::runtime_error("the sink does not start");
  }
  std::fclose(from_child);
}

Sink::~Sink() {
  close(to_child_);
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
  if (!ca_file_.empty()) unlink(ca_file_.c_str());
}

std::string Sink::url() const {
  return (ca_file_.empty() ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port_);
}

std::string Sink::counts() const {
  std::string text;
  CURL* easy = curl_easy_init();
  const std::string where = url() + "/counts";
  curl_easy_setopt(easy, CURLOPT_URL, where.c_str());
  if (!ca_file_.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file_.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &text);
  curl_easy_setopt(
      easy, CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
        static_cast<std::string*>(self)->append(data, size);
        return size;
      });
  const CURLcode code = curl_easy_perform(easy);
  curl_easy_cleanup(easy);
  if (code != CURLE_OK) throw std::runtime_error("the sink does not answer");
  return text;
}

}  // namespace cairn::bench
