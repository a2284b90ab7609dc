// All that the simulated service holds, and the calls that it answers: one function each.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/simulated_gcs/authority.hpp"
#include "tests/support/simulated_gcs/bucket.hpp"

namespace cairn::test::sim::gcs {

struct Options {
  std::string bucket{"bkt"};
  std::size_t page{1000};               ///< names per answer, at most
  std::size_t min_part{5U << 20U};      ///< XML multipart: of each part but the last
  std::size_t chunk{256U << 10U};       ///< resumable: all but the last chunk are multiples of it
  std::deque<std::size_t> persisted{};  ///< how much of the next chunks is kept; then: all
  int lost_sessions{0};                 ///< 404 or 410: no session is known any more
  bool completes_twice{false};          ///< a second Complete: 200, else 404 NoSuchUpload
  int rewrite_calls{1};                 ///< until a rewrite is done
  bool has_move{true};
  bool has_batch{true};
  bool has_xml_uploads{true};
  bool anonymous{false};         ///< everybody may read
  std::string requester_pays{};  ///< the project that has to be named; empty: none
};

/// A resumable upload. Conditions and checksums are those of its start, and count at its end.
struct Session {
  std::string name{};
  Description described{};
  Conditions conditions{};
  std::string crc32c{};  ///< base64; empty: not declared
  std::string md5{};
  std::optional<std::uint64_t> size{};
  std::string bytes{};
  bool cancelled{false};
  std::optional<std::string> finished{};  ///< the resource, as it was answered
};

struct Part {
  std::string bytes{};
  std::string etag{};
};

/// An XML multipart upload.
struct PartedUpload {
  std::string name{};
  Description described{};
  std::map<int, Part> parts{};
  std::optional<std::string> completed{};  ///< the answer
};

/// A rewrite under way.
struct Rewrite {
  std::string source{};
  std::int64_t generation{0};
  std::string destination{};
  int calls{0};
};

struct State {
  Options options{};
  Authority authority{};
  Bucket bucket{};
  std::map<std::string, Session> sessions{};
  std::map<std::string, PartedUpload> uploads{};
  std::map<std::string, Rewrite> rewrites{};
  std::vector<std::string> violations{};
  TimePoint now{};
  int next_id{1};
  bool refuses_entry{false};  ///< the first call of the next batch
  bool keeps_less{false};     ///< of the next chunk: half of it
};

/// One request, taken apart.
struct Call {
  Incoming http{};
  std::string origin{};  ///< "http://127.0.0.1:4443"
  std::string bucket{};
  std::string object{};  ///< decoded
  std::string destination{};
};

/// Writes down what no client may send, and refuses it.
[[noreturn]] void violate(State& state, const std::string& what);

// What is common to the calls (common.cpp).
/// Of the query: "ifGenerationMatch" with the prefix "if", "ifSourceGenerationMatch" with
/// "ifSource".
[[nodiscard]] Conditions read_conditions(const Call& call, const std::string& prefix = "if");
/// x-goog-if-generation-match and x-goog-if-metageneration-match.
[[nodiscard]] Conditions read_xml_conditions(const Call& call);
[[nodiscard]] std::int64_t read_number(const std::string& name, const std::string& text);
void require(const Conditions& conditions, const Object* object);
/// The live object, of the generation that the parameter asks for; refuses.
[[nodiscard]] const Object& require_object(const State& state, const std::string& name,
                                           const std::string& generation = {});
void check_name(State& state, const std::string& name);
/// "crc32c=…,md5=…" in x-goog-hash, and Content-MD5; refuses what does not fit.
void check_hashes(const Call& call, std::string_view bytes);
void check_hash(const std::string& name, const std::string& given, const std::string& actual);

// JSON API: objects.cpp, media.cpp, listing.cpp, copies.cpp, resumable.cpp, batch.cpp.
[[nodiscard]] Reply get_bucket(State& state, const Call& call);
[[nodiscard]] Reply get_object(State& state, const Call& call);
[[nodiscard]] Reply insert_object(State& state, const Call& call);
[[nodiscard]] Reply patch_object(State& state, const Call& call);
[[nodiscard]] Reply delete_object(State& state, const Call& call);
[[nodiscard]] Reply list_objects(State& state, const Call& call);
[[nodiscard]] Reply compose(State& state, const Call& call);
[[nodiscard]] Reply rewrite(State& state, const Call& call);
[[nodiscard]] Reply move(State& state, const Call& call);
[[nodiscard]] Reply start_session(State& state, const Call& call);
[[nodiscard]] Reply put_chunk(State& state, const Call& call);
[[nodiscard]] Reply cancel_session(State& state, const Call& call);

// XML API: xml_objects.cpp, xml_multipart.cpp.
[[nodiscard]] Reply get_xml_object(State& state, const Call& call);
[[nodiscard]] Reply put_xml_object(State& state, const Call& call);
[[nodiscard]] Reply copy_xml_object(State& state, const Call& call);
[[nodiscard]] Reply delete_xml_object(State& state, const Call& call);
[[nodiscard]] Reply start_xml_upload(State& state, const Call& call);
[[nodiscard]] Reply put_xml_part(State& state, const Call& call);
[[nodiscard]] Reply complete_xml_upload(State& state, const Call& call);
[[nodiscard]] Reply abort_xml_upload(State& state, const Call& call);
[[nodiscard]] Reply list_xml_parts(State& state, const Call& call);
[[nodiscard]] Reply list_xml_uploads(State& state, const Call& call);

/// The bytes that the Range header asks for, and the headers of an object's content; both APIs.
[[nodiscard]] Reply media_reply(const Call& call, const Object& object);
/// x-goog-meta-*, Content-Type and the like of an XML request.
[[nodiscard]] Description read_xml_description(const Call& call);

}  // namespace cairn::test::sim::gcs
