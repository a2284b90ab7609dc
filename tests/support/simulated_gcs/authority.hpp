// Who may call: access tokens that were given out, and service accounts with their public keys.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "tests/support/simulated/service.hpp"

namespace cairn::test::sim::gcs {

class Authority {
 public:
  enum class Standing { unknown, expired, good };

  /// Good until expire_tokens().
  void trust(const std::string& token) { tokens_[token] = TimePoint::max(); }
  [[nodiscard]] std::string issue(TimePoint now, std::chrono::seconds lifetime);
  /// All that were given out so far. What a service account signs itself is not concerned.
  void expire_tokens();
  [[nodiscard]] bool has_tokens() const { return !tokens_.empty(); }

  /// `public_key`: a PEM.
  void add_account(const std::string& email, std::string public_key);
  /// Null: there is no such account.
  [[nodiscard]] const std::string* public_key(const std::string& email) const;
  /// An HMAC key of the XML API.
  void add_hmac_key(const std::string& access_id, std::string secret);
  [[nodiscard]] const std::string* secret(const std::string& access_id) const;

  /// Of what stands after "Bearer ": an access token or a self-signed JWT.
  [[nodiscard]] Standing standing(const std::string& token, TimePoint now) const;

 private:
  [[nodiscard]] Standing standing_of_jwt(const std::string& token, TimePoint now) const;

  std::map<std::string, TimePoint> tokens_;  // and when they end
  std::map<std::string, std::string> accounts_;
  std::map<std::string, std::string> secrets_;
  int next_token_{1};
};

}  // namespace cairn::test::sim::gcs
