// Which call a request is, and what that call may and must carry: one table, from the pages of
// Microsoft's REST reference that its rows name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/simulated/message.hpp"
#include "tests/support/simulated_azure/errors.hpp"

namespace cairn::test::sim::azure {

enum class Place { account, container, blob };

/// https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME, or http://HOST/ACCOUNT/CONTAINER/NAME as
/// emulators have it.
struct Address {
  Endpoint endpoint{Endpoint::blob};
  bool secure{false};
  std::string account{};
  std::string container{};
  std::string name{};  ///< decoded

  [[nodiscard]] Place place() const;
};

/// `dfs_host`: where the dfs endpoint is when the account is in the path.
[[nodiscard]] Address read_address(const Incoming& request, std::string_view account,
                                   std::string_view dfs_host);

enum class Call {
  abort_copy,
  account_information,
  append,
  batch,
  container_properties,
  copy_blob,
  create_path,
  delete_blob,
  delete_path,
  filesystem_properties,
  flush,
  get_blob,
  get_block_list,
  get_properties,
  list_blobs,
  list_containers,
  list_paths,
  path_access,
  path_properties,
  put_blob,
  put_blob_from_url,
  put_block,
  put_block_from_url,
  put_block_list,
  read_path,
  rename_path,
  set_metadata,
  user_delegation_key,
};

/// Lists are words between spaces; "comp=block" is a parameter with its value.
struct Rule {
  Call call{};
  Endpoint endpoint{};
  std::string_view method{};
  Place place{};
  std::string_view parameters{};       ///< that tell it from others; all of them are there
  std::string_view header{};           ///< that tells it from others
  std::string_view more_parameters{};  ///< that may be there
  std::string_view required_headers{};
  std::string_view more_headers{};
  std::string_view permissions{};  ///< any of these letters of a SAS will do
  char resource_type{};            ///< of an account SAS: s, c or o
};

/// Null: there is no such call.
[[nodiscard]] const Rule* find_rule(const Incoming& request, const Address& address);
/// What the call does not know or lacks, in words; each is what no client may send.
[[nodiscard]] std::vector<std::string> violations_of(const Incoming& request, const Rule& rule);
[[nodiscard]] bool is_sas_parameter(std::string_view name);

}  // namespace cairn::test::sim::azure
