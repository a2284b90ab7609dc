// at::Tensor as StoredTensor and back.
#include <cstdint>
#include <limits>
#include <memory>
#include <tuple>
#include <vector>

#include <ATen/ATen.h>

#include "checkpoint/format/error.hpp"
#include "checkpoint/state/storage_map.hpp"
#include "checkpoint/tensor.hpp"
#include "tests/support/catch.hpp"

using namespace cairn::checkpoint;

namespace {

ErrorCode code_of(const StoredTensor& tensor) {
  try {
    static_cast<void>(to_tensor(tensor));
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("no error");
  return ErrorCode::key;
}

// Memory that LibTorch knows nothing of, as the reader of format makes it.
StoredTensor plain_tensor(std::vector<float> numbers) {
  auto memory = std::make_shared<std::vector<float>>(std::move(numbers));
  auto storage = std::make_shared<Storage>();
  storage->nbytes = memory->size() * sizeof(float);
  storage->data = reinterpret_cast<std::byte*>(memory->data());
  storage->owner = memory;
  const auto size = static_cast<std::int64_t>(memory->size());
  return {.storage = storage, .dtype = DType::float32, .sizes = {size}, .strides = {1}};
}

}  // namespace

TEST_CASE("a tensor comes back with its memory, without a copy", "[tensor]") {
  const auto tensor = at::arange(6, at::kFloat).reshape({2, 3});

  const auto back = to_tensor(to_stored(tensor));

  CHECK(at::equal(back, tensor));
  CHECK(back.data_ptr() == tensor.data_ptr());
}

TEST_CASE("every dtype comes back", "[tensor]") {
  for (const auto type :
       {at::kByte,        at::kChar,          at::kShort,           at::kInt,
        at::kLong,        at::kHalf,          at::kFloat,           at::kDouble,
        at::kComplexHalf, at::kComplexFloat,  at::kComplexDouble,   at::kBool,
        at::kBFloat16,    at::kUInt16,        at::kUInt32,          at::kUInt64,
        at::kFloat8_e5m2, at::kFloat8_e4m3fn, at::kFloat8_e5m2fnuz, at::kFloat8_e4m3fnuz}) {
    const auto tensor = at::empty({3, 2}, type);

    const auto back = to_tensor(to_stored(tensor));

    CHECK(back.scalar_type() == type);
    CHECK(back.sizes() == tensor.sizes());
    CHECK(back.data_ptr() == tensor.data_ptr());
  }
}

TEST_CASE("a view keeps its whole storage, its offset and its strides", "[tensor]") {
  const auto base = at::arange(12, at::kLong).reshape({3, 4});
  const auto view = base.t().slice(0, 1, 3);

  const auto stored = to_stored(view);

  CHECK(stored.storage->nbytes == 12 * sizeof(std::int64_t));
  CHECK(stored.offset == 1);
  CHECK(stored.strides == std::vector<std::int64_t>{1, 4});
  CHECK(at::equal(to_tensor(stored), view));
}

TEST_CASE("tensors of no dimension and of no elements come back", "[tensor]") {
  CHECK(to_tensor(to_stored(at::scalar_tensor(2.5))).item<double>() == 2.5);
  const auto empty = to_tensor(to_stored(at::empty({0, 3}, at::kFloat)));
  CHECK(empty.sizes() == at::IntArrayRef({0, 3}));
}

TEST_CASE("lazy conjugation and negation come back", "[tensor]") {
  const auto numbers = at::view_as_complex(at::arange(4, at::kDouble).reshape({2, 2}));

  const auto conjugate = to_tensor(to_stored(numbers.conj()));
  const auto negative = to_tensor(to_stored(at::imag(numbers.conj())));

  CHECK(conjugate.is_conj());
  CHECK(at::equal(conjugate.resolve_conj(), numbers.conj().resolve_conj()));
  CHECK(negative.is_neg());
  CHECK(at::equal(negative.resolve_neg(), at::imag(numbers).neg()));
}

TEST_CASE("requires_grad comes back", "[tensor]") {
  const auto tensor = at::ones({2}).set_requires_grad(true);

  CHECK(to_tensor(to_stored(tensor)).requires_grad());
  CHECK_FALSE(to_tensor(to_stored(tensor.detach())).requires_grad());
}

TEST_CASE("tensors of one Storage share memory", "[tensor]") {
  StorageMap storages;
  const auto base = at::zeros({4});

  const auto whole = storages.to_stored(base);
  const auto half = storages.to_stored(base.slice(0, 2, 4));

  CHECK(whole.storage == half.storage);
  to_tensor(whole).fill_(7);
  CHECK(to_tensor(half)[0].item<double>() == 7);
}

TEST_CASE("memory that is not LibTorch's is wrapped once and kept alive", "[tensor]") {
  at::Tensor first;
  at::Tensor second;
  std::weak_ptr<Storage> storage;
  {
    auto stored = plain_tensor({1, 2, 3});
    storage = stored.storage;
    first = to_tensor(stored);
    stored.offset = 1;
    stored.sizes = {2};
    second = to_tensor(stored);
  }

  CHECK(storage.expired());
  CHECK(first.storage().is_alias_of(second.storage()));
  CHECK(at::equal(first, at::tensor({1.0F, 2.0F, 3.0F})));
  CHECK(second[1].item<float>() == 3);
}

TEST_CASE("a view beyond its storage is corrupt", "[tensor]") {
  const auto good = plain_tensor({1, 2, 3, 4});
  const std::int64_t huge = std::int64_t{1} << 62;
  using Shape = std::vector<std::int64_t>;

  for (const auto& [offset, sizes, strides] : std::vector<std::tuple<std::int64_t, Shape, Shape>>{
           {1, {4}, {1}},
           {0, {2}, {4}},
           {-1, {1}, {1}},
           {0, {-1}, {1}},
           {0, {2}, {-1}},
           {0, {huge, huge}, {huge, huge}},
           {0, {2}, {huge}},
           {std::numeric_limits<std::int64_t>::max(), {1}, {1}},
           {0, {2, 2}, {1}}}) {
    auto bad = good;
    bad.offset = offset;
    bad.sizes = sizes;
    bad.strides = strides;
    CHECK(code_of(bad) == ErrorCode::corrupt);
  }
}

TEST_CASE("a tensor whose data was not loaded says so", "[tensor]") {
  auto tensor = plain_tensor({1});
  tensor.storage->data = nullptr;

  CHECK(code_of(tensor) == ErrorCode::type);
}

TEST_CASE("what has no strided memory is refused", "[tensor]") {
  const auto sparse = at::eye(3).to_sparse();
  const auto quantized = at::quantize_per_tensor(at::ones({2}), 0.1, 0, at::kQInt8);

  CHECK_THROWS_AS(to_stored(sparse), Error);
  CHECK_THROWS_AS(to_stored(quantized), Error);
  CHECK_THROWS_AS(to_stored(at::empty({2}, at::TensorOptions().device(at::kMeta))), Error);
  CHECK_THROWS_AS(to_stored(at::Tensor()), Error);
}

TEST_CASE("a zero tensor of autograd gets memory", "[tensor]") {
  const auto back = to_tensor(to_stored(at::_efficientzerotensor({2, 2}, at::kFloat)));

  CHECK(at::equal(back, at::zeros({2, 2})));
}

TEST_CASE("an undefined tensor is None in a Value", "[tensor]") {
  CHECK(Value(at::Tensor()).is_none());
  CHECK_FALSE(Value().as<at::Tensor>().defined());
  CHECK_THROWS_AS(Value(1).as<at::Tensor>(), Error);
}
