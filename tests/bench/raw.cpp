#include "tests/bench/raw.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <curl/curl.h>
#include <pugixml.hpp>

namespace cairn::bench {
namespace {

constexpr long kBuffer = 512L * 1024;

struct Source {
  std::span<const std::byte> bytes{};
  std::size_t at{0};
};

struct Target {
  std::span<std::byte> bytes{};
  std::size_t at{0};
};

std::size_t on_read(char* out, std::size_t size, std::size_t count, void* self) {
  Source& source = *static_cast<Source*>(self);
  const std::size_t length = std::min(size * count, source.bytes.size() - source.at);
  std::memcpy(out, source.bytes.data() + source.at, length);
  source.at += length;
  return length;
}

std::size_t on_write(char* data, std::size_t, std::size_t size, void* self) {
  Target& target = *static_cast<Target*>(self);
  if (size > target.bytes.size() - target.at) return 0;
  std::memcpy(target.bytes.data() + target.at, data, size);
  target.at += size;
  return size;
}

std::size_t on_text(char* data, std::size_t, std::size_t size, void* self) {
  static_cast<std::string*>(self)->append(data, size);
  return size;
}

std::size_t ignore(char*, std::size_t, std::size_t size, void*) {
  return size;
}

class Handle {
 public:
  explicit Handle(const std::string& ca_file) : easy_(curl_easy_init()) {
    if (easy_ == nullptr) throw std::runtime_error("libcurl has no handle left");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_BUFFERSIZE, kBuffer);
    set(CURLOPT_UPLOAD_BUFFERSIZE, kBuffer);
    if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());
    no_expect_ = curl_slist_append(nullptr, "Expect:");
  }
  ~Handle() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(no_expect_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  void put(const std::string& url, std::span<const std::byte> bytes) {
    Source source{bytes};
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_HTTPHEADER, no_expect_);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(bytes.size()));
    set(CURLOPT_READFUNCTION, &on_read);
    set(CURLOPT_READDATA, &source);
    set(CURLOPT_WRITEFUNCTION, &ignore);
    run(url);
  }
  void get(const std::string& url, std::uint64_t offset, std::span<std::byte> bytes) {
    Target target{bytes};
    const std::string range =
        "Range: bytes=" + std::to_string(offset) + "-" + std::to_string(offset + bytes.size() - 1);
    curl_slist* headers = curl_slist_append(nullptr, range.c_str());
    set(CURLOPT_HTTPGET, 1L);
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_WRITEFUNCTION, &on_write);
    set(CURLOPT_WRITEDATA, &target);
    run(url);
    set(CURLOPT_HTTPHEADER, nullptr);
    curl_slist_free_all(headers);
    if (target.at != bytes.size()) throw std::runtime_error("raw libcurl: a short answer");
  }
  std::string text(const std::string& url) {
    std::string text;
    set(CURLOPT_HTTPGET, 1L);
    set(CURLOPT_WRITEFUNCTION, &on_text);
    set(CURLOPT_WRITEDATA, &text);
    run(url);
    return text;
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }
  void run(const std::string& url) {
    set(CURLOPT_URL, url.c_str());
    const CURLcode code = curl_easy_perform(easy_);
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status / 100 == 2) return;
    throw std::runtime_error(std::string("raw libcurl: ") + curl_easy_strerror(code) + ", status " +
                             std::to_string(status));
  }
  CURL* easy_;
  curl_slist* no_expect_{nullptr};
};

}  // namespace

struct RawClient::State {
  std::string url;
  std::string ca_file;
  std::vector<std::unique_ptr<Handle>> handles;

  /// Calls work(handle, 0) … work(handle, count - 1), one thread per handle.
  void for_each(std::uint64_t count, const std::function<void(Handle&, std::uint64_t)>& work) {
    std::atomic<std::uint64_t> next{0};
    std::vector<std::jthread> threads;
    for (const auto& handle : handles) {
      threads.emplace_back([&] {
        for (std::uint64_t i = next++; i < count; i = next++) work(*handle, i);
      });
    }
  }
};

RawClient::RawClient(std::string url, std::string ca_file, int parallel)
    : state_(std::make_unique<State>()) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  state_->url = std::move(url);
  state_->ca_file = std::move(ca_file);
  for (int i = 0; i < parallel; ++i) {
    state_->handles.push_back(std::make_unique<Handle>(state_->ca_file));
  }
}

RawClient::~RawClient() = default;

void RawClient::put(const std::string& key, std::span<const std::byte> bytes, std::uint64_t part) {
  state_->for_each((bytes.size() + part - 1) / part, [&](Handle& handle, std::uint64_t i) {
    const std::uint64_t offset = i * part;
    handle.put(state_->url + "/" + key + "?partNumber=" + std::to_string(i + 1) + "&uploadId=u",
               bytes.subspan(offset, std::min<std::uint64_t>(part, bytes.size() - offset)));
  });
}

void RawClient::get(const std::string& key, std::span<std::byte> bytes, std::uint64_t part) {
  state_->for_each((bytes.size() + part - 1) / part, [&](Handle& handle, std::uint64_t i) {
    const std::uint64_t offset = i * part;
    handle.get(state_->url + "/" + key, offset,
               bytes.subspan(offset, std::min<std::uint64_t>(part, bytes.size() - offset)));
  });
}

void RawClient::put_small(std::uint64_t count, std::span<const std::byte> bytes) {
  Handle& handle = *state_->handles.front();
  for (std::uint64_t i = 0; i < count; ++i) {
    handle.put(state_->url + "/small-" + std::to_string(i), bytes);
  }
}

void RawClient::get_small(std::uint64_t count, const std::string& key, std::span<std::byte> bytes) {
  Handle& handle = *state_->handles.front();
  for (std::uint64_t i = 0; i < count; ++i) handle.get(state_->url + "/" + key, 0, bytes);
}

std::uint64_t RawClient::list() {
  Handle& handle = *state_->handles.front();
  std::uint64_t keys = 0;
  std::string token;
  do {
    std::string page = handle.text(state_->url + "/?list-type=2&max-keys=1000" +
                                   (token.empty() ? "" : "&continuation-token=" + token));
    pugi::xml_document document;
    document.load_buffer_inplace(page.data(), page.size());
    const pugi::xml_node root = document.document_element();
    for (const pugi::xml_node& node : root.children("Contents")) {
      keys += *node.child_value("Key") != '\0' ? 1U : 0U;
    }
    token = root.child_value("NextContinuationToken");
  } while (!token.empty());
  return keys;
}

}  // namespace cairn::bench
