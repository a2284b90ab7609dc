// How a service is spoken to, so that cases need not know it: what the requests of each operation
// look like to the proxy's rules, and what the service answers.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tests/conformance/place.hpp"
#include "tests/support/fault_proxy.hpp"
#include "vfs/config.hpp"
#include "vfs/file_system.hpp"

namespace cairn::faults {

using test::Fault;
using test::HttpMessage;

/// One request of an operation, as a rule finds it.
struct Step {
  std::string what{};
  std::string method{};
  std::string target{};   ///< a part of it
  std::string without{};  ///< no part of it, unless empty
  int skip{0};            ///< so many such requests come before it
  /// Its answer names an upload: if that is lost, nobody can ever give the upload up.
  bool names_upload{false};
  bool after_commit{false};  ///< the file is written when it is sent: it cleans up
};

/// Keys are those in the store.
class Dialect {
 public:
  virtual ~Dialect() = default;

  /// Of the server under test, from what a user of that cloud sets.
  [[nodiscard]] virtual std::string server_url() const = 0;
  /// Has a client speak to the proxy instead.
  [[nodiscard]] virtual vfs::Config through(vfs::Config config,
                                            const std::string& proxy_url) const = 0;
  /// Has a client find out what the server lacks, so that its later requests are the usual ones.
  virtual void teach(const vfs::FileSystem& files) const = 0;

  [[nodiscard]] virtual Step put(const std::string& key) const = 0;
  /// Of a large upload: any part, or that with this index.
  [[nodiscard]] virtual Step part(std::optional<int> index) const = 0;
  [[nodiscard]] virtual Step commit(const std::string& key) const = 0;
  [[nodiscard]] virtual Step read(const std::string& key) const = 0;
  [[nodiscard]] virtual Step stat(const std::string& key) const = 0;
  [[nodiscard]] virtual Step list() const = 0;
  [[nodiscard]] virtual Step remove(const std::string& key) const = 0;
  [[nodiscard]] virtual Step remove_together() const = 0;
  [[nodiscard]] virtual Step copy(const std::string& from, const std::string& to) const = 0;
  /// Whatever is asked of the file itself.
  [[nodiscard]] virtual Step any(const std::string& key) const = 0;

  /// Each kind of request, of an upload in three parts.
  [[nodiscard]] virtual std::vector<Step> upload_steps(const std::string& key) const = 0;
  /// Those that give it up.
  [[nodiscard]] virtual std::vector<Step> abort_steps() const = 0;
  [[nodiscard]] virtual std::vector<Step> create_only_copy_steps(const std::string& from,
                                                                 const std::string& to) const = 0;
  [[nodiscard]] virtual std::vector<Step> move_steps(const std::string& from,
                                                     const std::string& to) const = 0;
  /// The key of the upload that this request starts, and whose id its answer tells.
  [[nodiscard]] virtual std::optional<std::string> starts_upload(
      const HttpMessage& request) const = 0;
  /// It carries an object's bytes, either way, which have a checksum. What is said about objects
  /// has none: only TLS protects it.
  [[nodiscard]] virtual bool moves_data(const HttpMessage& request) const = 0;
  /// Flips a bit of the object's byte `at`, on the way up.
  [[nodiscard]] virtual Fault flip_upload(std::size_t at) const = 0;

  /// What the service answers with that status.
  [[nodiscard]] virtual HttpMessage refusal(int status) const = 0;
  /// What else it says where asking again is right.
  [[nodiscard]] virtual std::vector<HttpMessage> own_refusals() const = 0;
  /// A page of a listing that ends in the middle of an object of that key.
  [[nodiscard]] virtual HttpMessage half_a_page(const std::string& key) const = 0;
  /// Has an answer to a removal of several files refuse one of them: "it is locked".
  virtual void refuse_removal(HttpMessage& answer, const std::string& key, int place) const = 0;
  /// The header of an object's bytes that names their version.
  [[nodiscard]] virtual std::string version_header() const = 0;

  /// The keys of what is left of uploads that were neither committed nor given up. Empty, too,
  /// where a service has no word for giving up, and drops them by itself.
  [[nodiscard]] virtual std::vector<std::string> pending_uploads(
      const conformance::Place& place) const = 0;
  /// Parts of an upload are objects of their own: a server may still finish one that its client has
  /// given up.
  [[nodiscard]] virtual bool parts_are_objects() const = 0;
};

/// Of the server under test, by the scheme of CAIRN_TEST_URL. Throws std::runtime_error if there is
/// none for it.
[[nodiscard]] const Dialect& dialect();
[[nodiscard]] const Dialect& azure_dialect();
[[nodiscard]] const Dialect& gcs_dialect();
[[nodiscard]] const Dialect& s3_dialect();

/// A variable of the environment; empty if it is not set.
[[nodiscard]] std::string variable(const char* name);
/// A small answer as it stands.
[[nodiscard]] HttpMessage answer_of(int status, const std::string& type, std::string body);
void set_body(HttpMessage& message, std::string body);
/// Puts another answer, from its status line on, in the place of one in a multipart/mixed body.
void refuse_in_batch(HttpMessage& batch, int place, const std::string& answer);

}  // namespace cairn::faults
