// What our stores cost beside a bare libcurl loop that moves the same bytes, against a sink of our
// own, in one interleaved run.
//
//   transport-bench SINK [--only ROW] [--mib N] [--runs N] [--keys N] [--large-mib N] [--check 1]
//
// ROW: http, small, list, latency, tls or memory. --check 1: small sizes, no verdict on the
// figures, but what the sink has counted must be exactly the requests and bytes that are due.
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/measure.hpp"
#include "tests/bench/raw.hpp"
#include "tests/bench/server.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

namespace {

using namespace cairn;

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kPart = 8 * kMiB;
constexpr int kParallel = 8;

struct Sizes {
  std::uint64_t bytes{1024 * kMiB};
  std::uint64_t large{8192 * kMiB};
  std::uint64_t runs{7};
  std::uint64_t keys{100'000};
  std::uint64_t small{2000};
  bool check{false};
};

/// One row: what it is about, and what must not be exceeded.
struct Row {
  std::string title{};
  double unit{1};  ///< what a cost is divided by: GiB, or objects in millions for µs
  const char* name{"CPU-s/GiB"};
  double target_ratio{0};   ///< of S3 to raw; each other store has 1.2 times what S3 takes
  double target_figure{0};  ///< of each store
  bool wall{false};
};
constexpr double kOtherStores = 1.2;

/// One of ours, or raw: what it does, and what the sink's counts of one run must begin with.
struct Contender {
  std::string name{};
  std::function<void()> work{};
  std::string due{};
  std::vector<bench::Cost> costs{};
};

/// What the sink has counted, by whom.
void print_counts(const std::string& who, const std::string& counts, const std::string& due = {}) {
  std::printf("  the sink, of %s: %s\n", who.c_str(), counts.c_str());
  if (!counts.starts_with(due)) throw std::runtime_error("these requests were due: " + due);
}

double figure(const Row& row, const Contender& contender) {
  const bench::Cost cost = bench::median(contender.costs);
  return (row.wall ? cost.wall_seconds : cost.cpu_seconds) / row.unit;
}

/// A line about one of ours; false: its target is missed.
bool judge(const Row& row, const Contender& raw, const Contender& s3, const Contender& ours) {
  const double limit = figure(row, raw);
  const double own = figure(row, ours);
  const bool is_s3 = &ours == &s3;
  const double to_s3 = own / figure(row, s3);
  const bool near_limit = is_s3 ? own <= limit * row.target_ratio : to_s3 <= kOtherStores;
  const bool met =
      (row.target_ratio == 0 || near_limit) && (row.target_figure == 0 || own <= row.target_figure);
  std::printf("  %-13s %8.3f %s, %.2f x raw", ours.name.c_str(), own, row.name, own / limit);
  if (row.target_ratio != 0 && is_s3) std::printf(" (target %.2f)", row.target_ratio);
  if (!is_s3) std::printf(", %.2f x s3", to_s3);
  if (row.target_ratio != 0 && !is_s3) std::printf(" (target %.2f)", kOtherStores);
  if (row.target_figure != 0) std::printf(" (target %.3f)", row.target_figure);
  const bench::Cost cost = bench::median(ours.costs);
  std::printf(" %s, wall %.3f s, extra memory %.1f MiB\n", met ? "met" : "MISSED",
              cost.wall_seconds, static_cast<double>(cost.extra_bytes) / static_cast<double>(kMiB));
  return met;
}

/// Medians of interleaved runs, raw's and ours, of which S3 is the first; false: a target is
/// missed.
bool compare(const Row& row, std::uint64_t runs, bench::Sink& sink,
             const std::function<void()>& raw, std::vector<Contender> ours) {
  ours.insert(ours.begin(), {.name = "raw", .work = raw});
  for (const Contender& contender : ours) contender.work();  // connections, threads, caches
  static_cast<void>(sink.counts());
  std::printf("%s\n", row.title.c_str());
  for (std::uint64_t run = 0; run < runs; ++run) {
    for (Contender& contender : ours) {
      contender.costs.push_back(bench::measure(contender.work));
      if (run == 0) print_counts(contender.name, sink.counts(), contender.due);
    }
  }
  std::printf("  %-13s %8.3f %s, wall %.3f s\n", "raw", figure(row, ours[0]), row.name,
              bench::median(ours[0].costs).wall_seconds);
  bool met = true;
  for (std::size_t i = 1; i < ours.size(); ++i) met &= judge(row, ours[0], ours[1], ours[i]);
  std::fflush(stdout);
  return met;
}

/// A bucket of each store, all of them the sink's.
class Place {
 public:
  explicit Place(const bench::Sink& sink, const std::string& url = "s3://bucket/",
                 vfs::TransferOptions transfer = {.parallel = kParallel},
                 vfs::GcsUpload upload = vfs::GcsUpload::xml) {
    vfs::Config config{.http = {.ca_file = sink.ca_file()},
                       .transfer = transfer,
                       .s3 = {.access_key_id = "id",
                              .secret_access_key = "secret",
                              .region = "us-east-1",
                              .endpoint_url = sink.url()},
                       .gcs = {.token = "token", .endpoint_url = sink.url(), .upload = upload},
                       .azure = {.account = "devstoreaccount1",
                                 .account_key = "c2VjcmV0",
                                 .endpoint_url = sink.url() + "/devstoreaccount1",
                                 .hierarchical = false}};
    context_ = vfs::Context::make(std::move(config));
    files_ = std::make_unique<vfs::FileSystem>(context_->resolve(url).file_system);
  }
  const vfs::FileSystem& files() const { return *files_; }

 private:
  std::shared_ptr<vfs::Context> context_;
  std::unique_ptr<vfs::FileSystem> files_;
};

/// Cloud Storage as Google has it, with the XML API's multipart uploads; `composed` as others do.
struct Places {
  explicit Places(const bench::Sink& sink)
      : s3(sink),
        gcs(sink, "gs://bucket/"),
        composed(sink, "gs://bucket/", {.parallel = kParallel}, vfs::GcsUpload::compose),
        azure(sink, "az://bucket/") {}
  Place s3, gcs, composed, azure;
};

struct Ratios {
  double put{1.3};
  double get{1.3};
  double fresh{1.2};  ///< 0: this row is left out
};

std::vector<Contender> writers(const Places& places, const std::string& key,
                               const vfs::Buffer& source) {
  const auto write = [&](const Place& place) {
    return [&place, &source, key] { place.files().write(key, source); };
  };
  const std::string parts = std::to_string((source.size() + kPart - 1) / kPart);
  const std::string bytes = std::to_string(source.size()) + " bytes received, 0 bytes sent";
  const std::string in_parts = "1 POST complete, 1 POST create, " + parts + " PUT part, " + bytes;
  return {{"s3", write(places.s3), in_parts},
          {"gs", write(places.gcs), in_parts},
          {"gs (compose)", write(places.composed), ""},
          {"az", write(places.azure), "1 PUT list of blocks, " + parts + " PUT part, "}};
}

bool large_objects(bench::Sink& sink, const Sizes& sizes, const Ratios& ratios,
                   const std::string& how) {
  const Places places(sink);
  bench::RawClient raw(sink.url() + "/bucket", sink.ca_file(), kParallel);
  const double gibibytes = static_cast<double>(sizes.bytes) / (1024.0 * kMiB);
  const std::string name = std::to_string(sizes.bytes / kMiB) + " MiB " + how;
  const std::string key = "object-" + std::to_string(sizes.bytes);
  vfs::Buffer source(sizes.bytes);
  bench::fill_random(source.span(), 1);
  bool met = compare(
      {.title = "PUT " + name, .unit = gibibytes, .target_ratio = ratios.put}, sizes.runs, sink,
      [&] { raw.put(key, std::as_const(source).span(), kPart); }, writers(places, key, source));
  const vfs::RangeRead all{0, source.span()};
  const auto read_into = [&](const Place& place) {
    return [&] { place.files().read_ranges(key, {&all, 1}); };
  };
  const std::string parts = std::to_string((sizes.bytes + kPart - 1) / kPart) + " GET, ";
  const std::string bytes = "0 bytes received, " + std::to_string(sizes.bytes) + " bytes sent";
  const auto due = [&](const char* more) { return sizes.check ? parts + more + bytes : ""; };
  met &= compare({.title = "GET " + name + " into touched memory",
                  .unit = gibibytes,
                  .target_ratio = ratios.get},
                 sizes.runs, sink, [&] { raw.get(key, source.span(), kPart); },
                 {{"s3", read_into(places.s3), due("1 HEAD, ")},
                  {"gs", read_into(places.gcs), due("")},
                  {"az", read_into(places.azure), due("")}});
  if (ratios.fresh == 0) return met;
  const auto read = [&](const Place& place) {
    return [&] { static_cast<void>(place.files().read(key)); };
  };
  met &= compare({.title = "GET " + name + " into fresh memory",
                  .unit = gibibytes,
                  .target_ratio = ratios.fresh},
                 sizes.runs, sink,
                 [&] {
                   vfs::Buffer fresh(sizes.bytes);
                   raw.get(key, fresh.span(), kPart);
                 },
                 {{"s3", read(places.s3)}, {"gs", read(places.gcs)}, {"az", read(places.azure)}});
  return met;
}

bool small_objects(bench::Sink& sink, const Sizes& sizes) {
  const Places places(sink);
  bench::RawClient raw(sink.url() + "/bucket", sink.ca_file(), 1);
  const std::string text(4096, 'x');
  std::string out(4096, '\0');
  const auto out_bytes = std::as_writable_bytes(std::span(out));
  const double millions = static_cast<double>(sizes.small) / 1e6;
  const std::string count = std::to_string(sizes.small);
  const std::string bytes = std::to_string(sizes.small * text.size());
  const auto write = [&](const Place& place) {
    return [&] {
      for (std::uint64_t i = 0; i < sizes.small; ++i) {
        place.files().write("small-" + std::to_string(i), text);
      }
    };
  };
  const std::string put_bytes = bytes + " bytes received, 0 bytes sent";
  bool met = compare(
      {.title = "PUT of 4 KiB", .unit = millions, .name = "CPU-us each", .target_figure = 130},
      sizes.runs, sink, [&] { raw.put_small(sizes.small, vfs::as_bytes(text)); },
      {{"s3", write(places.s3), count + " PUT, " + put_bytes},
       {"gs", write(places.gcs), count + " POST insert, " + put_bytes},
       {"az", write(places.azure), count + " PUT, " + put_bytes}});
  const auto read = [&](const Place& place) {
    return [&] {
      for (std::uint64_t i = 0; i < sizes.small; ++i) {
        static_cast<void>(place.files().read("small-4096"));
      }
    };
  };
  const std::string due = count + " GET, 0 bytes received, " + bytes + " bytes sent";
  met &= compare(
      {.title = "GET of 4 KiB", .unit = millions, .name = "CPU-us each", .target_figure = 110},
      sizes.runs, sink, [&] { raw.get_small(sizes.small, "small-4096", out_bytes); },
      {{"s3", read(places.s3), due},
       {"gs", read(places.gcs), due},
       {"az", read(places.azure), due}});
  return met;
}

bool listing(bench::Sink& sink, const Sizes& sizes) {
  const Places places(sink);
  bench::RawClient raw(sink.url() + "/bucket", sink.ca_file(), 1);
  const auto expect = [&](std::uint64_t count) {
    if (count != sizes.keys) throw std::runtime_error("the list has not all keys");
  };
  const auto list = [&](const Place& place) {
    return [&] { expect(place.files().list("", {.recursive = true}).size()); };
  };
  const std::string due = std::to_string((sizes.keys + 999) / 1000) + " GET list, 0 bytes received";
  return compare({.title = "list " + std::to_string(sizes.keys) + " keys",
                  .unit = static_cast<double>(sizes.keys) / 1e5,
                  .name = "CPU-s per 100,000",
                  .target_figure = 0.20},
                 sizes.runs, sink, [&] { expect(raw.list()); },
                 {{"s3", list(places.s3), due},
                  {"gs", list(places.gcs), due},
                  {"az", list(places.azure), due}});
}

bool latency(bench::Sink& sink, const Sizes& sizes) {
  const Place place(sink, "s3://bucket/", {.parallel = 16});
  bench::RawClient raw(sink.url() + "/bucket", sink.ca_file(), 16);
  const std::uint64_t size = std::min<std::uint64_t>(sizes.bytes, 256 * kMiB);
  const std::string key = "object-" + std::to_string(size);
  vfs::Buffer target(size);
  std::memset(target.data(), 0, target.size());
  const vfs::RangeRead all{0, target.span()};
  return compare({.title = "GET " + std::to_string(size / kMiB) +
                           " MiB, 20 ms per request, into touched memory",
                  .name = "wall-s",
                  .target_figure = 0.25,
                  .wall = true},
                 sizes.runs, sink, [&] { raw.get(key, target.span(), kPart); },
                 {{"s3", [&] { place.files().read_ranges(key, {&all, 1}); }}});
}

/// Extra memory of an object that is far larger than it: from a rope of one block, and as a stream.
bool bounded_memory(bench::Sink& sink, const Sizes& sizes) {
  const Place place(sink);
  vfs::Buffer block(kPart);
  bench::fill_random(block.span(), 1);
  vfs::Body body;
  for (std::uint64_t done = 0; done < sizes.large; done += kPart)
    body.append(std::as_const(block).span());
  const std::string key = "object-" + std::to_string(sizes.large);
  static_cast<void>(sink.counts());
  const auto print = [&](const char* what, const bench::Cost& cost) {
    const double mebibytes = static_cast<double>(cost.extra_bytes) / static_cast<double>(kMiB);
    std::printf(
        "%s %llu MiB\n  the sink, of ours: %s\n  extra memory %.1f MiB (target 64) %s, %.2f "
        "CPU-s/GiB\n",
        what, static_cast<unsigned long long>(sizes.large / kMiB), sink.counts().c_str(), mebibytes,
        mebibytes <= 64 ? "met" : "MISSED",
        cost.cpu_seconds / (static_cast<double>(sizes.large) / (1024.0 * kMiB)));
    return mebibytes <= 64;
  };
  malloc_trim(0);  // else what the rows before have freed would be used again unseen
  bool met = print("PUT", bench::measure([&] { place.files().write(key, body); }));
  malloc_trim(0);
  met &= print("GET as a stream", bench::measure([&] {
                 vfs::Reader reader = place.files().open_read(key);
                 while (reader.read(block.span()) != 0) {
                 }
               }));
  return met;
}

/// All rows, or the one that is asked for. False: some targets are missed.
bool run_rows(const std::string& program, const Sizes& sizes, const std::string& only) {
  const auto wanted = [&](const char* row) { return only.empty() || only == row; };
  bench::Sink plain(program, {.keys = sizes.keys});
  bool met = true;
  if (wanted("memory")) met &= bounded_memory(plain, sizes);  // while the heap is small
  if (wanted("http")) met &= large_objects(plain, sizes, {}, "over http");
  if (wanted("small")) met &= small_objects(plain, sizes);
  if (wanted("list")) met &= listing(plain, sizes);
  if (wanted("latency")) {
    bench::Sink slow(program, {.delay_ms = 20});
    met &= latency(slow, sizes);
  }
  if (wanted("tls")) {
    bench::Sink tls(program, {.tls = true});
    met &= large_objects(tls, sizes, {.fresh = 0}, "over TLS");
  }
  return met;
}

bool run(int argc, char** argv) {
  Sizes sizes;
  if (bench::option(argc, argv, "--check", 0) != 0) {
    sizes = {.bytes = 64 * kMiB,
             .large = 256 * kMiB,
             .runs = 3,
             .keys = 5000,
             .small = 200,
             .check = true};
  }
  sizes.bytes = bench::option(argc, argv, "--mib", sizes.bytes / kMiB) * kMiB;
  sizes.large = bench::option(argc, argv, "--large-mib", sizes.large / kMiB) * kMiB;
  sizes.runs = bench::option(argc, argv, "--runs", sizes.runs);
  sizes.keys = bench::option(argc, argv, "--keys", sizes.keys);
  std::printf("medians of %llu interleaved runs; raw: a bare libcurl loop\n",
              static_cast<unsigned long long>(sizes.runs));
  const bool met = run_rows(argv[1], sizes, bench::text_option(argc, argv, "--only"));
  std::printf(met ? "every target is met\n" : "some targets are MISSED\n");
  return met || sizes.check;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: transport-bench SINK [--only ROW] [--mib N] [--runs N] [--keys N] "
                 "[--large-mib N] [--check 1]\n";
    return 2;
  }
  try {
    return run(argc, argv) ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "transport-bench: " << error.what() << '\n';
    return 1;
  }
}
