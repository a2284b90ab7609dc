// Strict and partial loading: the scenarios that were run on Lightning 2.6.6.
#include "checkpoint/checkpoint.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/trainer/tiny.hpp"
#include "trainer/load.hpp"

namespace {

using Names = std::vector<std::string>;
using cairn::checkpoint::Error;
using cairn::checkpoint::ErrorCode;

/// Trains and saves its decoder only.
struct DecoderOnly : tiny::Net {
  DecoderOnly() {
    for (auto& parameter : encoder->parameters()) parameter.requires_grad_(false);
  }
  cairn::checkpoint::StateDict state_dict() const override {
    return cairn::without_prefix(Module::state_dict(), "encoder.");
  }
  cairn::Optimizers configure_optimizers() override {
    return {.optimizer = std::make_shared<torch::optim::AdamW>(decoder->parameters(), 0.05)};
  }
};
struct Lenient : DecoderOnly {
  Lenient() { strict_loading(false); }
};

struct Fixture {
  cairn::TrainerOptions options{tiny::options(cairn::vfs::Context::make())};
  std::string file{"memory://run/checkpoints/epoch=0-step=5.ckpt"};
  tiny::Data data{};

  Fixture() { options.max_epochs = 1; }
  template <class M>
  void train(M& module, const std::string& ckpt_path = {}) {
    cairn::Trainer(options).fit(module, data, {.ckpt_path = ckpt_path});
  }
  template <class M>
  void save() {
    M module;
    train(module);
    options.max_epochs = 2;
  }
  cairn::LoadWeightsOptions load(std::optional<bool> strict = {}) const {
    return {.strict = strict, .context = options.context};
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "S1: an overridden state_dict decides what is saved", "[strict]") {
  save<DecoderOnly>();

  const auto state = cairn::checkpoint::load(file, {}, options.context)
                         .at("state_dict")
                         .as<cairn::checkpoint::StateDict>();
  Names names;
  for (const auto& [name, tensor] : state.items()) names.push_back(name);
  CHECK(names == Names{"decoder.weight", "decoder.bias"});
}

TEST_CASE_METHOD(
    Fixture,
    "S2: strict, a partial file is an error that lists all that is missing and changes nothing",
    "[strict]") {
  save<DecoderOnly>();
  DecoderOnly module;
  const at::Tensor before = module.decoder->weight.detach().clone();

  CHECK_THROWS_WITH(train(module, file), Catch::Matchers::Contains("encoder.weight") &&
                                             Catch::Matchers::Contains("encoder.bias") &&
                                             Catch::Matchers::Contains(file));
  CHECK(at::equal(module.decoder->weight, before));
}

TEST_CASE_METHOD(
    Fixture, "S3 and S13: not strict, the decoder and its optimizer resume and the encoder stays",
    "[strict]") {
  save<Lenient>();
  Lenient module;
  const at::Tensor encoder = module.encoder->weight.detach().clone();
  cairn::Trainer trainer(options);

  const cairn::FitResult result = trainer.fit(module, data, {.ckpt_path = file});

  CHECK(result.global_step == 10);
  CHECK(result.report.missing == Names{"encoder.weight", "encoder.bias"});
  CHECK(at::equal(module.encoder->weight, encoder));
}

TEST_CASE_METHOD(
    Fixture, "S4 and S5: load_from_checkpoint takes strict from its argument or from the module",
    "[strict]") {
  save<DecoderOnly>();

  CHECK_NOTHROW((void)cairn::load_from_checkpoint<DecoderOnly>(file, load(false)));
  CHECK_NOTHROW((void)cairn::load_from_checkpoint<Lenient>(file, load()));
  CHECK_THROWS_AS((void)cairn::load_from_checkpoint<DecoderOnly>(file, load()), Error);
}

TEST_CASE_METHOD(Fixture,
                 "S6 and S7: an argument that contradicts the module is refused and both are named",
                 "[strict]") {
  struct Strict : DecoderOnly {
    Strict() { strict_loading(true); }
  };
  save<DecoderOnly>();

  CHECK_THROWS_WITH(
      (void)cairn::load_from_checkpoint<Lenient>(file, load(true)),
      Catch::Matchers::Contains("strict = true contradicts the module's strict_loading = false"));
  CHECK_THROWS_AS((void)cairn::load_from_checkpoint<Strict>(file, load(false)),
                  std::invalid_argument);
}

TEST_CASE_METHOD(Fixture, "S8: a name too many is an error if strict, else reported", "[strict]") {
  struct More : tiny::Net {
    More() { register_parameter("extra", at::zeros({2})); }
  };
  save<More>();
  tiny::Net strict;
  CHECK_THROWS_WITH(cairn::load_weights(strict, file, load()), Catch::Matchers::Contains("extra"));

  tiny::Net lenient;
  CHECK(cairn::load_weights(lenient, file, load(false)).unexpected == Names{"extra"});
}

TEST_CASE_METHOD(Fixture, "S9: another shape is an error also if not strict", "[strict]") {
  struct Wide : tiny::Net {
    Wide() { decoder = replace_module("decoder", torch::nn::Linear(8, 3)); }
  };
  save<tiny::Net>();
  Wide module;

  CHECK_THROWS_WITH(cairn::load_weights(module, file, load(false)),
                    Catch::Matchers::Contains("decoder.weight"));
}

TEST_CASE_METHOD(Fixture, "S10: on_load_checkpoint edits the weights before they are loaded",
                 "[strict]") {
  struct Renaming : tiny::Net {
    void on_load_checkpoint(cairn::Checkpoint& checkpoint) override {
      auto state = checkpoint.state_dict();
      state.set("decoder.bias", at::full({1}, 42.0));
      checkpoint.set_state_dict(state);
    }
  };
  save<tiny::Net>();

  CHECK(cairn::load_from_checkpoint<Renaming>(file, load())->decoder->bias.item<double>() == 42.0);
}

TEST_CASE_METHOD(Fixture,
                 "S11: module and callback add to the checkpoint, and the module has the last word",
                 "[strict]") {
  struct Cool : tiny::Net {
    std::vector<std::string> object{"a", "b"};
    void on_save_checkpoint(cairn::Checkpoint& checkpoint) override {
      checkpoint["something_cool_i_want_to_save"] = object;
    }
    void on_load_checkpoint(cairn::Checkpoint& checkpoint) override {
      object = checkpoint["something_cool_i_want_to_save"].as<std::vector<std::string>>();
    }
  };
  struct CoolCallback : cairn::Callback {
    std::int64_t number{0};
    void on_save_checkpoint(cairn::Trainer&, cairn::Module&,
                            cairn::Checkpoint& checkpoint) override {
      checkpoint["something_cool_i_want_to_save"] = "overwritten";
      checkpoint["callbacks_own"] = number;
    }
    void on_load_checkpoint(cairn::Trainer&, cairn::Module&,
                            cairn::Checkpoint& checkpoint) override {
      number = checkpoint["callbacks_own"].as<std::int64_t>();
    }
  };
  auto callback = std::make_shared<CoolCallback>();
  callback->number = 5;
  options.callbacks = {callback};
  save<Cool>();
  auto second = std::make_shared<CoolCallback>();
  options.callbacks = {second};
  Cool module;
  module.object.clear();

  train(module, file);

  CHECK(module.object == Names{"a", "b"});
  CHECK(second->number == 5);
}

TEST_CASE_METHOD(Fixture, "S12: validate follows the same rule", "[strict]") {
  save<DecoderOnly>();
  cairn::Trainer trainer(options);
  DecoderOnly strict;
  Lenient lenient;

  CHECK_THROWS_AS(trainer.validate(strict, data, {.ckpt_path = file}), Error);
  CHECK(trainer.validate(lenient, data, {.ckpt_path = file}).contains("val_loss"));
}
