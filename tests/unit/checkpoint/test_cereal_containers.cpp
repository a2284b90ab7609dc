// Every type of the standard library that cereal knows.
#include <atomic>
#include <bitset>
#include <chrono>
#include <complex>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <queue>
#include <set>
#include <stack>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <valarray>
#include <variant>
#include <vector>

#include "tests/unit/checkpoint/tree_support.hpp"

using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace {

struct Plain {
  int numbers[3]{1, 2, 3};
  std::atomic<int> count{4};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(numbers), CEREAL_NVP(count));
  }
};

}  // namespace

TEST_CASE("sequences and sets are lists", "[cereal]") {
  CHECK(equal(to_tree(std::deque<int>{1, 2}), List{1, 2}));
  CHECK(equal(to_tree(std::list<std::string>{"a"}), List{"a"}));
  CHECK(equal(to_tree(std::forward_list<int>{1, 2}), List{1, 2}));
  CHECK(equal(to_tree(std::multiset<int>{2, 1, 1}), List{1, 1, 2}));
  CHECK(equal(to_tree(std::unordered_set<int>{3}), List{3}));
  CHECK(equal(to_tree(std::valarray<double>{1, 2}), List{1.0, 2.0}));
  CHECK(equal(to_tree(std::vector<std::vector<int>>{{1}, {}}), List{List{1}, List()}));
}

TEST_CASE("sequences and sets come back", "[cereal]") {
  CHECK((round_trip(std::deque<int>{1, 2}) == std::deque<int>{1, 2}));
  CHECK(round_trip(std::list<std::string>{"a"}) == std::list<std::string>{"a"});
  CHECK((round_trip(std::forward_list<int>{1, 2}) == std::forward_list<int>{1, 2}));
  CHECK((round_trip(std::multiset<int>{2, 1, 1}) == std::multiset<int>{1, 1, 2}));
  CHECK((round_trip(std::unordered_set<int>{3, 4}) == std::unordered_set<int>{3, 4}));
  CHECK((round_trip(std::unordered_multiset<int>{3, 3}).count(3) == 2));
  CHECK(round_trip(std::valarray<double>{1, 2}).sum() == 3);
}

TEST_CASE("a map that may hold a key twice is a list of pairs", "[cereal]") {
  const std::multimap<std::string, int> map{{"a", 1}, {"a", 2}};

  CHECK(equal(to_tree(map), List{Tuple{"a", 1}, Tuple{"a", 2}}));
  CHECK((round_trip(map) == map));
  CHECK(round_trip(std::unordered_multimap<int, int>{{1, 2}, {1, 3}}).count(1) == 2);
}

TEST_CASE("adapters come back", "[cereal]") {
  std::stack<int> stack;
  stack.push(1);
  stack.push(2);
  std::queue<int> queue;
  queue.push(1);
  queue.push(2);
  std::priority_queue<int> heap;
  heap.push(1);
  heap.push(2);

  CHECK(round_trip(stack).top() == 2);
  CHECK(round_trip(queue).front() == 1);
  CHECK(round_trip(heap).top() == 2);
}

TEST_CASE("arrays of C and atomics are members", "[cereal]") {
  Plain object;
  const auto tree = to_tree(object);
  object.numbers[1] = 0;
  object.count = 0;

  from_tree(tree, object, "it");

  CHECK(equal(tree.at("numbers"), List{1, 2, 3}));
  CHECK(object.numbers[1] == 2);
  CHECK(object.count == 4);
  CHECK_THAT(error_of<Plain>(Dict{{"numbers", List{1}}}), Contains("must have 3 items"));
}

TEST_CASE("bits are a text of digits", "[cereal]") {
  const std::bitset<70> bits("1" + std::string(68, '0') + "1");

  CHECK(to_tree(std::bitset<4>(6)).as_string() == "0110");
  CHECK(round_trip(bits) == bits);
  CHECK_THAT(error_of<std::bitset<4>>("01"), Contains("4 digits"));
  CHECK_THAT(error_of<std::bitset<4>>("01x1"), Contains("4 digits"));
}

TEST_CASE("complex numbers are Python's, and may be real", "[cereal]") {
  CHECK(equal(to_tree(std::complex<float>(1, 2)), std::complex<double>(1, 2)));
  CHECK(round_trip(std::complex<float>(1, 2)) == std::complex<float>(1, 2));
  std::complex<double> number;
  from_tree(3, number, "it");
  CHECK(number == 3.0);
  CHECK_THAT(error_of<std::complex<double>>("1j"), Contains("must be a complex number"));
}

TEST_CASE("times are counts", "[cereal]") {
  using std::chrono::milliseconds;
  const std::chrono::time_point<std::chrono::system_clock, milliseconds> when(milliseconds(9));

  CHECK(equal(to_tree(milliseconds(5)), Dict{{"count", 5}}));
  CHECK((round_trip(milliseconds(5)) == milliseconds(5)));
  CHECK((round_trip(when) == when));
}

TEST_CASE("a variant is the number of its type and its value", "[cereal]") {
  using Choice = std::variant<std::monostate, int, std::vector<std::string>>;

  CHECK(equal(to_tree(Choice(std::vector<std::string>{"a"})),
              Dict{{"index", 2}, {"data", List{"a"}}}));
  CHECK((round_trip(Choice(5)) == Choice(5)));
  CHECK((round_trip(Choice()) == Choice()));
  CHECK_THAT(error_of<Choice>(Dict{{"index", 3}, {"data", 1}}), Contains("\"it.index\""));
  CHECK_THAT(error_of<Choice>(Dict{{"index", -1}, {"data", 1}}), Contains("\"it.index\""));
  CHECK_THAT(error_of<Choice>(Dict{{"index", 1}, {"data", "x"}}), Contains("\"it.data\""));
}
