// What the account knows of its users: its key, the bearer tokens that it takes.
#pragma once

#include <map>
#include <string>

namespace cairn::test::sim::azure {

struct Account {
  std::string name{"cairnsim"};
  std::string key{"c2ltdWxhdGVkLWtleS0wMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg=="};
  /// Value and whether it has run out; https://storage.azure.com/.default is their scope.
  std::map<std::string, bool> tokens{};
  bool shared_key{true};      ///< "Allow storage account key access"; else 403
  bool public_access{false};  ///< reads and lists without authorization
};

}  // namespace cairn::test::sim::azure
