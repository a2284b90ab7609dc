#include "tests/support/simulated/faults.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::test::sim {
namespace {

using Row = std::pair<Fault, std::string_view>;
constexpr std::array<Row, 41> kNames{{
    {Fault::refused, "refused"},
    {Fault::reset_before, "reset_before"},
    {Fault::broken_send, "broken_send"},
    {Fault::stalled_before, "stalled_before"},
    {Fault::stalled_after, "stalled_after"},
    {Fault::lost_answer, "lost_answer"},
    {Fault::cut_body, "cut_body"},
    {Fault::short_body, "short_body"},
    {Fault::flipped_download, "flipped_download"},
    {Fault::flipped_upload, "flipped_upload"},
    {Fault::resent, "resent"},
    {Fault::deadline_before, "deadline_before"},
    {Fault::deadline_after, "deadline_after"},
    {Fault::cancelled_before, "cancelled_before"},
    {Fault::cancelled_after, "cancelled_after"},
    {Fault::status_408, "status_408"},
    {Fault::status_429, "status_429"},
    {Fault::status_500, "status_500"},
    {Fault::status_500_after, "status_500_after"},
    {Fault::status_502, "status_502"},
    {Fault::status_503, "status_503"},
    {Fault::status_504, "status_504"},
    {Fault::status_504_after, "status_504_after"},
    {Fault::request_timeout, "request_timeout"},
    {Fault::ok_error, "ok_error"},
    {Fault::ok_error_after, "ok_error_after"},
    {Fault::garbage, "garbage"},
    {Fault::garbage_after, "garbage_after"},
    {Fault::empty_after, "empty_after"},
    {Fault::skewed, "skewed"},
    {Fault::moved_400, "moved_400"},
    {Fault::moved_301, "moved_301"},
    {Fault::conflict, "conflict"},
    {Fault::wrong_range, "wrong_range"},
    {Fault::whole_for_range, "whole_for_range"},
    {Fault::missing_etag, "missing_etag"},
    {Fault::replaced, "replaced"},
    {Fault::expired, "expired"},
    {Fault::entry_refused, "entry_refused"},
    {Fault::kept_less, "kept_less"},
    {Fault::uploads_lost, "uploads_lost"},
}};

constexpr auto kAll = [] {
  std::array<Fault, kNames.size()> faults{};
  for (std::size_t i = 0; i < faults.size(); ++i) faults[i] = kNames[i].first;
  return faults;
}();

}  // namespace

std::string_view name_of(Fault fault) {
  const auto* const row = std::ranges::find(kNames, fault, &Row::first);
  return row == kNames.end() ? "?" : row->second;
}

std::span<const Fault> all_faults() {
  return kAll;
}

bool replaces_answer(Fault fault) {
  constexpr std::array kAfter{Fault::status_500_after, Fault::status_504_after,
                              Fault::ok_error_after, Fault::garbage_after, Fault::empty_after};
  return std::ranges::find(kAfter, fault) != kAfter.end();
}

}  // namespace cairn::test::sim
