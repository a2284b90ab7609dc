#include "vfs/net/endpoint.hpp"

#include <algorithm>

namespace cairn::vfs::net {

bool RetryTokens::take(int tokens) {
  const std::lock_guard lock(mutex_);
  if (capacity_ == 0) return true;
  if (left_ < tokens) return false;
  left_ -= tokens;
  return true;
}

void RetryTokens::give_back(int tokens) {
  const std::lock_guard lock(mutex_);
  left_ = std::min(left_ + tokens, capacity_);
}

int RetryTokens::left() const {
  const std::lock_guard lock(mutex_);
  return left_;
}

bool Throttle::enter(const std::stop_token& stop, std::optional<Time> deadline) {
  std::unique_lock lock(mutex_);
  const auto room = [this] { return limit_ >= max_ || in_flight_ + 1 <= limit_; };
  const bool ready =
      deadline ? left_.wait_until(lock, stop, *deadline, room) : left_.wait(lock, stop, room);
  if (!ready) return false;
  ++in_flight_;
  return true;
}

void Throttle::leave(Answer answer, Time began, Time now) {
  {
    const std::lock_guard lock(mutex_);
    if (answer == Answer::slow_down && began >= last_cut_) {
      limit_ = std::max(1.0, std::min<double>(limit_, in_flight_) / 2);
      last_cut_ = now;
    } else if (answer == Answer::carried_out && limit_ < max_) {
      limit_ = std::min(max_, limit_ + 1 / limit_);
    }
    --in_flight_;
  }
  left_.notify_all();
}

double Throttle::limit() const {
  const std::lock_guard lock(mutex_);
  return limit_;
}

std::shared_ptr<Endpoint> Endpoints::of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t end = url.find_first_of("/?", scheme == url.npos ? 0 : scheme + 3);
  const std::string_view host = url.substr(0, end);
  State& state = state_.get();
  const std::lock_guard lock(state.mutex);
  auto found = state.hosts.find(host);
  if (found == state.hosts.end()) {
    found =
        state.hosts.emplace(std::string(host), std::make_shared<Endpoint>(tokens_, max_parallel_))
            .first;
  }
  return found->second;
}

}  // namespace cairn::vfs::net
