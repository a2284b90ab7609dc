// What Python drives: makes a file of everything, prints a file, trains on from a file.
#include <array>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/lbfgs.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>
#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <nlohmann/json.hpp>

#include "checkpoint/binary.hpp"
#include "checkpoint/cereal.hpp"
#include "checkpoint/checkpoint.hpp"
#include "checkpoint/rng.hpp"

namespace ckpt = cairn::checkpoint;

namespace {

// The same as Net in support.py.
struct Net : torch::nn::Module {
  Net() {
    first = register_module("first", torch::nn::Linear(torch::nn::LinearOptions(4, 8).bias(false)));
    norm = register_module("norm", torch::nn::BatchNorm1d(8));
    last = register_module("last", torch::nn::Linear(8, 2));
  }
  at::Tensor forward(const at::Tensor& input) { return last(norm(first(input)).tanh()); }
  torch::nn::Linear first{nullptr};
  torch::nn::Linear last{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
};

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const std::string& name,
                                                        std::vector<at::Tensor> parameters) {
  using namespace torch::optim;  // NOLINT(google-build-using-namespace)
  if (name == "SGD") return std::make_unique<SGD>(std::move(parameters), SGDOptions(1.0));
  if (name == "Adam") return std::make_unique<Adam>(std::move(parameters), AdamOptions(1.0));
  if (name == "AdamW") return std::make_unique<AdamW>(std::move(parameters), AdamWOptions(1.0));
  if (name.starts_with("RMSprop")) {
    return std::make_unique<RMSprop>(std::move(parameters), RMSpropOptions(1.0));
  }
  if (name == "Adagrad") {
    return std::make_unique<Adagrad>(std::move(parameters), AdagradOptions(1.0));
  }
  if (name == "LBFGS") return std::make_unique<LBFGS>(std::move(parameters), LBFGSOptions(1.0));
  throw std::invalid_argument("unknown optimizer " + name);
}

// Loads model and optimizer from a file of torch.save or Lightning, steps over its batches, and
// saves all of it again.
void train(const std::string& from, const std::string& to, const std::string& optimizer_name) {
  auto root = ckpt::load(from);
  Net net;
  const auto optimizer = make_optimizer(optimizer_name, net.parameters());
  ckpt::load_state_dict(net, root.at("state_dict").as<ckpt::StateDict>());
  ckpt::load_state_dict(*optimizer, root.at("optimizer_states").at(std::size_t{0}));
  if (root.contains("batches")) {
    for (const auto& batch : root.at("batches").as_sequence()) {
      const auto input = batch.at(std::size_t{0}).as<at::Tensor>();
      const auto target = batch.at(std::size_t{1}).as<at::Tensor>();
      optimizer->step([&] {
        optimizer->zero_grad();
        auto loss = at::mse_loss(net.forward(input), target);
        loss.backward();
        return loss;
      });
    }
  }
  root["state_dict"] = ckpt::state_dict(net);
  root["optimizer_states"] = ckpt::List{ckpt::state_dict(*optimizer)};
  ckpt::save(to, root);
}

// Everything through at::Tensor and back into a file.
ckpt::Value through_torch(const ckpt::Value& value) {
  switch (value.kind()) {
    case ckpt::Kind::tensor:
      return value.as<at::Tensor>();
    case ckpt::Kind::list: {
      ckpt::List list;
      for (const auto& item : value.as_sequence()) list.push_back(through_torch(item));
      return list;
    }
    case ckpt::Kind::tuple: {
      std::vector<ckpt::Value> items;
      for (const auto& item : value.as_sequence()) items.push_back(through_torch(item));
      return ckpt::Tuple(std::move(items));
    }
    case ckpt::Kind::dict: {
      const auto& from = value.as_dict();
      auto dict = from.is_ordered() ? ckpt::Dict::ordered() : ckpt::Dict();
      for (const auto& [key, item] : from.items()) dict[key] = through_torch(item);
      if (!from.attributes().is_none()) dict.set_attributes(from.attributes());
      return dict;
    }
    default:
      return value;
  }
}

nlohmann::json tensor_to_json(const at::Tensor& tensor) {
  const auto flat = tensor.detach().to(at::kDouble).contiguous().view(-1);
  std::vector<double> numbers(flat.const_data_ptr<double>(),
                              flat.const_data_ptr<double>() + flat.numel());
  return {{"dtype", ckpt::name(ckpt::to_stored(tensor).dtype)},
          {"shape", tensor.sizes().vec()},
          {"elements", numbers}};
}

nlohmann::json to_json(const ckpt::Value& value) {
  switch (value.kind()) {
    case ckpt::Kind::none:
      return nullptr;
    case ckpt::Kind::boolean:
      return value.as_bool();
    case ckpt::Kind::integer:
      return value.as_int();
    case ckpt::Kind::real:
      return value.as_double();
    case ckpt::Kind::string:
      return value.as_string();
    case ckpt::Kind::tensor:
      return tensor_to_json(value.as<at::Tensor>());
    case ckpt::Kind::list:
    case ckpt::Kind::tuple: {
      auto items = nlohmann::json::array();
      for (const auto& item : value.as_sequence()) items.push_back(to_json(item));
      return items;
    }
    case ckpt::Kind::dict: {
      auto items = nlohmann::json::object();
      for (const auto& [key, item] : value.as_dict().items()) {
        const auto is_text = key.kind() == ckpt::Kind::string;
        items[is_text ? key.as_string() : std::to_string(key.as_int())] = to_json(item);
      }
      return items;
    }
    default:
      throw std::invalid_argument("no JSON for " + std::string(to_string(value.kind())));
  }
}

enum class Phase { warmup = 1, main = 2 };

struct Ema {
  std::int64_t step{0};
  at::Tensor weight{};
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t) {
    archive(CEREAL_NVP(step), CEREAL_NVP(weight));
  }
};

struct MyState {
  std::string name{};
  std::uint64_t seed{0};
  Phase phase{Phase::warmup};
  Ema ema{};
  std::optional<double> best{};
  std::vector<float> losses{};
  std::map<int, std::pair<std::string, bool>> by_epoch{};
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(name), CEREAL_NVP(seed), CEREAL_NVP(phase), CEREAL_NVP(ema),
            CEREAL_NVP(best), CEREAL_NVP(losses), CEREAL_NVP(by_epoch));
  }
};

struct Schedule {
  virtual ~Schedule() = default;
  [[nodiscard]] virtual int length() const = 0;
};
struct Warmup : Schedule {
  int steps{0};
  [[nodiscard]] int length() const override { return steps; }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(steps));
  }
};

ckpt::Dict every_dtype() {
  const std::vector<std::pair<std::string, at::ScalarType>> types{
      {"uint8", at::kByte},
      {"int8", at::kChar},
      {"int16", at::kShort},
      {"int32", at::kInt},
      {"int64", at::kLong},
      {"float16", at::kHalf},
      {"bfloat16", at::kBFloat16},
      {"float32", at::kFloat},
      {"float64", at::kDouble},
      {"complex32", at::kComplexHalf},
      {"complex64", at::kComplexFloat},
      {"complex128", at::kComplexDouble},
      {"bool", at::kBool},
      {"uint16", at::kUInt16},
      {"uint32", at::kUInt32},
      {"uint64", at::kUInt64},
      {"float8_e5m2", at::kFloat8_e5m2},
      {"float8_e4m3fn", at::kFloat8_e4m3fn},
      {"float8_e5m2fnuz", at::kFloat8_e5m2fnuz},
      {"float8_e4m3fnuz", at::kFloat8_e4m3fnuz}};
  ckpt::Dict dict;
  for (const auto& [name, type] : types) {
    dict[name] = at::arange(4, at::kFloat).reshape({2, 2}).to(type);
  }
  return dict;
}

// The same as expected() in both_ways.py.
void make(const std::string& to) {
  const auto base = at::arange(12, at::kFloat).reshape({3, 4});
  const auto complex = at::view_as_complex(at::arange(4, at::kDouble).reshape({2, 2}));
  ckpt::Value root;
  root["dtypes"] = every_dtype();
  root["base"] = base;
  root["transposed"] = base.t().slice(0, 1, 3);
  root["row"] = base[1];
  root["scalar"] = at::scalar_tensor(2.5, at::kDouble);
  root["empty"] = at::empty({0, 3}, at::kLong);
  root["conjugate"] = complex.conj();
  root["negative"] = at::imag(complex.clone().conj());
  root["gradient"] = at::ones({2}).set_requires_grad(true);
  root["undefined"] = at::Tensor();
  root["nested"] = ckpt::List{1,
                              2.5,
                              "text",
                              nullptr,
                              true,
                              ckpt::Tuple{-1, ckpt::Bytes{std::string("\0\xff", 2)}},
                              ckpt::Dict{{1, "one"}, {"list", ckpt::List()}}};
  root["my_state"] = MyState{.name = "caf\xc3\xa9",
                             .seed = 0xffffffffffffffffU,
                             .phase = Phase::main,
                             .ema = {.step = 3, .weight = base},
                             .losses = {0.5F, 0.25F},
                             .by_epoch = {{2, {"two", true}}}};
  auto warmup = std::make_shared<Warmup>();
  warmup->steps = 3;
  root["schedules"] =
      ckpt::to_tree(std::vector<std::shared_ptr<Schedule>>{warmup, nullptr, warmup});
  root["index"] = ckpt::to_binary(std::map<std::string, std::int32_t>{{"a", 1}}, {.name = "Index"});
  at::manual_seed(7);
  root["model"] = ckpt::state_dict(Net());
  ckpt::save(to, root);
}

// Reads what Python made of the object, changed as it should be.
void read_object(const std::string& from) {
  const auto state = ckpt::load(from).at("my_state").as<MyState>();
  std::cout << state.name << ' ' << state.seed << ' ' << state.ema.step << ' '
            << state.ema.weight.sum().item<double>() << ' ' << *state.best << ' '
            << state.losses.size() << ' ' << state.by_epoch.at(2).first << '\n';
}

// Goes on with the generator of the file, and saves what came of it.
void random(const std::string& from, const std::string& to) {
  ckpt::set_rng_state(ckpt::load(from).at("rng").as<at::Tensor>());
  const auto numbers = at::randn({20});
  ckpt::save(to, ckpt::Dict{{"numbers", numbers}, {"rng", ckpt::rng_state()}});
}

int run(const std::vector<std::string>& arguments) {
  const auto& command = arguments.at(0);
  if (command == "make") {
    make(arguments.at(1));
  } else if (command == "copy") {
    ckpt::save(arguments.at(2), through_torch(ckpt::load(arguments.at(1))));
  } else if (command == "dump") {
    std::cout << to_json(ckpt::load(arguments.at(1))).dump() << '\n';
  } else if (command == "object") {
    read_object(arguments.at(1));
  } else if (command == "random") {
    random(arguments.at(1), arguments.at(2));
  } else if (command == "train") {
    train(arguments.at(1), arguments.at(2), arguments.at(3));
  } else {
    throw std::invalid_argument("make|copy|dump|object|random|train");
  }
  return 0;
}

}  // namespace

CEREAL_CLASS_VERSION(Ema, 2)
CEREAL_REGISTER_TYPE(Warmup)
CEREAL_REGISTER_POLYMORPHIC_RELATION(Schedule, Warmup)

int main(int argc, char* argv[]) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "checkpoint-tool: " << error.what() << '\n';
    return 1;
  }
}
