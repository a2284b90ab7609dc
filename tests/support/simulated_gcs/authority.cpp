#include "tests/support/simulated_gcs/authority.hpp"

#include <utility>

#include "tests/support/simulated_gcs/jwt.hpp"

namespace cairn::test::sim::gcs {

std::string Authority::issue(TimePoint now, std::chrono::seconds lifetime) {
  std::string token = "ya29.simulated-" + std::to_string(next_token_++);
  tokens_[token] = now + lifetime;
  return token;
}

void Authority::expire_tokens() {
  for (auto& [token, end] : tokens_) end = TimePoint::min();
}

void Authority::add_account(const std::string& email, std::string public_key) {
  accounts_[email] = std::move(public_key);
}

const std::string* Authority::public_key(const std::string& email) const {
  const auto found = accounts_.find(email);
  return found == accounts_.end() ? nullptr : &found->second;
}

void Authority::add_hmac_key(const std::string& access_id, std::string secret) {
  secrets_[access_id] = std::move(secret);
}

const std::string* Authority::secret(const std::string& access_id) const {
  const auto found = secrets_.find(access_id);
  return found == secrets_.end() ? nullptr : &found->second;
}

Authority::Standing Authority::standing(const std::string& token, TimePoint now) const {
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return standing_of_jwt(token, now);
  return found->second > now ? Standing::good : Standing::expired;
}

/// https://google.aip.dev/auth/4111: issuer and subject are the account, and either the scope or
/// the audience says that it is for Cloud Storage.
Authority::Standing Authority::standing_of_jwt(const std::string& token, TimePoint now) const {
  const auto jwt = read_jwt(token);
  if (!jwt) return Standing::unknown;
  const std::string* key = public_key(jwt->text("iss"));
  if (key == nullptr || jwt->text("sub") != jwt->text("iss")) return Standing::unknown;
  const std::string scope = jwt->text("scope");
  const bool for_storage =
      scope.find("https://www.googleapis.com/auth/devstorage.") != scope.npos ||
      scope.find("https://www.googleapis.com/auth/cloud-platform") != scope.npos ||
      jwt->text("aud") == "https://storage.googleapis.com/";
  if (!for_storage || refuse_jwt(*jwt, *key, now)) return Standing::unknown;
  return Standing::good;
}

}  // namespace cairn::test::sim::gcs
