// Many operations from several threads while one request in a hundred goes wrong in some way.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "tests/faults/faulty.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

constexpr int kThreads = 4;
constexpr int kOperations = 2000;

std::uint64_t seed() {
  const char* text = std::getenv("CAIRN_SEED");
  return text != nullptr ? std::stoull(text) : std::random_device{}();
}

Fault random_fault(std::mt19937_64& random, const test::HttpMessage& request) {
  constexpr Kind kKinds[]{Kind::refuse,
                          Kind::reset_upload,
                          Kind::lose_answer,
                          Kind::reset_after_head,
                          Kind::cut,
                          Kind::cut_to_length,
                          Kind::cut_without_length,
                          Kind::cut_head,
                          Kind::stall,
                          Kind::trickle,
                          Kind::silent,
                          Kind::answer,
                          Kind::replace_answer,
                          Kind::flip_download,
                          Kind::flip_upload};
  const std::size_t kinds = std::size(kKinds) - (dialect().moves_data(request) ? 0 : 2);
  Fault fault{.kind = kKinds[random() % kinds], .at = random() % 5000};
  constexpr int kStatuses[]{503, 500, 502, 504, 429};
  fault.reply = dialect().refusal(kStatuses[random() % std::size(kStatuses)]);
  return fault.kind == Kind::flip_upload ? dialect().flip_upload(fault.at) : fault;
}

/// One thread's own files, and what must be in them.
class Worker {
 public:
  Worker(const vfs::FileSystem& files, int number, std::uint64_t seed)
      : files_(files), folder_("w" + std::to_string(number)), random_(seed) {}

  void run(int operations) {
    for (int i = 0; i < operations; ++i) step();
  }
  [[nodiscard]] const std::map<std::string, std::string>& model() const { return model_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string some_name() { return folder_ + "/" + std::to_string(random_() % 12); }
  std::string some_text() {
    const bool large = random_() % 60 == 0;
    std::string text = pattern(large ? 9 * kMiB + random_() % kMiB : random_() % 20'000);
    if (!text.empty()) text[0] = static_cast<char>(random_());
    return text;
  }
  void expect(bool condition, const std::string& what) {
    if (!condition) throw std::runtime_error(folder_ + ": " + what);
  }
  void step();
  void create(const std::string& name);
  void replace(const std::string& name);
  void stream(const std::string& name);
  void read(const std::string& name);
  void list();
  void copy(const std::string& name);
  void move(const std::string& name);

  const vfs::FileSystem& files_;
  std::string folder_;
  std::mt19937_64 random_;
  std::map<std::string, std::string> model_;
};

void Worker::step() {
  const std::string name = some_name();
  switch (random_() % 10) {
    case 0:
    case 1: {
      std::string text = some_text();
      files_.write(name, text);
      model_[name] = std::move(text);
      return;
    }
    case 2:
      return create(name);
    case 3:
      return replace(name);
    case 4:
      return stream(name);
    case 5:
    case 6:
      return read(name);
    case 7:
      files_.remove(name);
      model_.erase(name);
      return;
    case 8:
      return random_() % 2 == 0 ? copy(name) : move(name);
    default:
      return list();
  }
}

void Worker::create(const std::string& name) {
  std::string text = some_text();
  try {
    files_.write(name, text, {.if_absent = true});
    const bool unconditional =
        text.size() > kMiB &&
        conformance::server_has(conformance::Fault::compose_ignores_conditions);
    expect(!model_.contains(name) || unconditional, "created over " + name);
    model_[name] = std::move(text);
  } catch (const vfs::Error& error) {
    expect(error.code() == vfs::ErrorCode::already_exists && model_.contains(name), error.what());
  }
}

void Worker::replace(const std::string& name) {
  const auto info = files_.stat(name);
  expect(info.has_value() == model_.contains(name), "stat of " + name);
  if (!info) return;
  expect(info->size == model_[name].size(), "size of " + name);
  std::string text = some_text();
  files_.write(name, text, {.if_match = info->etag});
  model_[name] = std::move(text);
}

void Worker::stream(const std::string& name) {
  std::string text = some_text();
  vfs::Writer writer = files_.open_write(name);
  writer.write(vfs::as_bytes(text));
  writer.commit();
  model_[name] = std::move(text);
}

void Worker::read(const std::string& name) {
  const auto found = model_.find(name);
  try {
    const std::string text = files_.read_text(name);
    expect(found != model_.end() && text == found->second, "content of " + name);
  } catch (const vfs::Error& error) {
    expect(error.code() == vfs::ErrorCode::not_found && found == model_.end(), error.what());
  }
}

void Worker::list() {
  std::vector<std::string> seen;
  if (!model_.empty()) {
    for (const auto& info : files_.list(folder_)) seen.push_back(info.path.string());
  }
  std::vector<std::string> expected;
  for (const auto& [name, text] : model_) expected.push_back(name);
  std::sort(expected.begin(), expected.end());
  expect(seen == expected, "the list");
}

void Worker::copy(const std::string& name) {
  const std::string target = some_name();
  if (!model_.contains(name) || target == name) return;
  files_.copy(name, target);
  model_[target] = model_[name];
}

void Worker::move(const std::string& name) {
  const std::string target = some_name();
  if (!model_.contains(name) || target == name) return;
  files_.move(name, target);
  model_[target] = std::move(model_[name]);
  model_.erase(name);
}

}  // namespace

TEST_CASE("of two thousand operations with one request in a hundred at fault none goes wrong") {
  const std::uint64_t start = seed();
  std::cout << "CAIRN_SEED=" << start << '\n';
  vfs::Config config = quick();
  config.http.stall_timeout *= 3;  // so many requests at once make a server slow
  Faulty f(config);
  std::mutex mutex;
  std::mt19937_64 random(start);
  std::vector<std::string> disturbed_starts;  // their uploads' ids may have got lost
  f.proxy.set_chance([&](const test::HttpMessage& request) -> std::optional<Fault> {
    const std::lock_guard lock(mutex);
    if (random() % 100 != 0) return {};
    if (auto key = dialect().starts_upload(request)) disturbed_starts.push_back(*std::move(key));
    return random_fault(random, request);
  });

  std::vector<Worker> workers;
  for (int i = 0; i < kThreads; ++i) {
    workers.emplace_back(f.files, i, start + static_cast<std::uint64_t>(i) + 1);
  }
  std::vector<std::string> failures(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        try {
          workers[static_cast<std::size_t>(i)].run(kOperations / kThreads);
        } catch (const std::exception& error) {
          failures[static_cast<std::size_t>(i)] = error.what();
        }
      });
    }
  }
  for (const std::string& failure : failures) CHECK(failure == "");
  CHECK(f.proxy.faults() > 5);
  std::cout << f.proxy.requests().size() << " requests, " << f.proxy.faults() << " faults\n";

  for (const Worker& worker : workers) {
    for (const auto& [name, text] : worker.model()) {
      INFO(name);
      CHECK((f.direct.files.read_text(name) == text));
    }
    std::size_t count = 0;
    if (f.direct.files.exists(worker.folder())) count = f.direct.files.list(worker.folder()).size();
    CHECK(count == worker.model().size());
  }
  std::ranges::sort(disturbed_starts);
  CHECK(std::ranges::includes(disturbed_starts, f.pending_uploads()));
}
