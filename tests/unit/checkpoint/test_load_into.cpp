// From a file into a module.
#include <ATen/ATen.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include "checkpoint/checkpoint.hpp"
#include "tests/support/catch.hpp"
#include "vfs/context.hpp"
#include "vfs/file_system.hpp"

using namespace cairn;
using namespace cairn::checkpoint;
using Catch::Matchers::Contains;

namespace {

struct Net : torch::nn::Module {
  explicit Net(std::int64_t classes = 2) {
    body = register_module("body", torch::nn::Linear(2, 3));
    norm = register_module("norm", torch::nn::BatchNorm1d(3));
    head = register_module("head", torch::nn::Linear(3, classes));
  }
  torch::nn::Linear body{nullptr};
  torch::nn::Linear head{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
};

const std::string kUrl = "memory://bucket/net.ckpt";

bool same(const torch::nn::Module& left, const torch::nn::Module& right) {
  const auto expected = state_dict(right);
  for (const auto& [name, tensor] : state_dict(left).items()) {
    if (!at::equal(tensor, *expected.find(name))) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a module is loaded from a file into the memory that it has", "[load_into]") {
  const auto context = vfs::Context::make();
  const Net saved;
  save(kUrl, Dict{{"state_dict", state_dict(saved)}, {"epoch", 3}}, {}, context);
  Net net;
  const void* memory = net.body->weight.const_data_ptr();

  const auto report = load_into(net, open(kUrl, {}, context));

  CHECK(same(net, saved));
  CHECK(net.body->weight.const_data_ptr() == memory);
  CHECK(net.body->weight.requires_grad());
  CHECK(report.loaded.size() == 9);
}

TEST_CASE("tensors of other types and layouts are converted", "[load_into]") {
  const auto context = vfs::Context::make();
  const Net saved;
  StateDict state;
  for (const auto& [name, tensor] : state_dict(saved).items()) {
    const bool matrix = tensor.dim() == 2;
    state.set(name, matrix ? tensor.t().contiguous().t() : tensor.to(at::kDouble));
  }
  save(kUrl, Dict{{"state_dict", state}}, {}, context);
  Net net;

  load_into(net, open(kUrl, {}, context));

  CHECK(same(net, saved));
}

TEST_CASE("what does not fit is told before anything is read", "[load_into]") {
  const auto context = vfs::Context::make();
  const Net saved(5);
  save(kUrl, Dict{{"model", state_dict(saved)}}, {}, context);
  Net net;
  Net before;
  load_state_dict(before, state_dict(net));
  const auto file = open(kUrl, {}, context);

  CHECK_THROWS_WITH(load_into(net, file, {.path = "model"}),
                    Contains("shape of head.weight: expected [2, 3], found [5, 3]"));
  CHECK(same(net, before));
  const auto report =
      load_into(net, file, {.path = "model", .state = {.skip_mismatched = true}});
  CHECK(report.mismatched.size() == 2);
  CHECK(at::equal(net.body->weight, saved.body->weight));
  CHECK(at::equal(net.head->weight, before.head->weight));
}

TEST_CASE("a damaged record is an error, whatever it is read into", "[load_into]") {
  const auto context = vfs::Context::make();
  const Net saved;
  save(kUrl, Dict{{"state_dict", state_dict(saved)}}, {}, context);
  const auto where = context->resolve(kUrl);
  auto content = where.file_system.read(where.path);
  content.data()[open(kUrl, {}, context).records()[4].offset] ^= std::byte{1};
  where.file_system.write(where.path, content);
  Net net;

  CHECK_THROWS_WITH(load_into(net, open(kUrl, {}, context)), Contains("data/0 is damaged"));
}

TEST_CASE("composite tensors come back as what they were", "[tensor]") {
  const auto dense = at::tensor({0.0F, 2.0F, 3.0F, 0.0F}).view({2, 2});
  const auto back = [](const at::Tensor& tensor) { return Value(tensor).as<at::Tensor>(); };

  CHECK(at::equal(back(dense.to_sparse()).to_dense(), dense));
  CHECK(back(dense.to_sparse()).is_coalesced());
  CHECK(at::equal(back(dense.to_sparse_csr()).to_dense(), dense));
  CHECK(at::equal(back(dense.to_sparse_csc()).to_dense(), dense));
  CHECK(back(at::empty({2, 3}, at::kMeta)).sizes() == at::IntArrayRef({2, 3}));
  const auto quantized = at::quantize_per_tensor(dense, 0.5, 3, at::kQUInt8);
  CHECK(at::equal(back(quantized).dequantize(), quantized.dequantize()));
  const auto channels = at::quantize_per_channel(dense, at::tensor({0.1, 0.2}),
                                                 at::tensor({0, 1}), 0, at::kQInt8);
  CHECK(at::equal(back(channels).dequantize(), channels.dequantize()));
}

TEST_CASE("a sparse tensor whose indices leave its shape is refused", "[tensor]") {
  const Value sparse = at::tensor({0.0F, 2.0F}).to_sparse();
  const auto& parts = sparse.as_opaque().arguments().at(1).as_tuple();
  const Value smaller = Opaque::make(
      Opaque::Form::call, sparse.as_opaque().callee(),
      Tuple{sparse.as_opaque().arguments().at(0),
            Tuple{parts.at(0), parts.at(1), Tuple::shape({Value(1)}), true}});

  CHECK_THROWS_AS(smaller.as<at::Tensor>(), Error);
}
