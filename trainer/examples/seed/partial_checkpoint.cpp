// "A common use case is when you have a pretrained feature extractor or encoder that you don't
// update during training, and you don't want it included in the checkpoint."
#include "trainer/examples/seed/support.hpp"

namespace {

torch::nn::Linear from_pretrained() {
  torch::nn::Linear encoder(4, 4);
  const torch::NoGradGuard no_grad;
  encoder->weight.copy_(at::eye(4) * 2);
  encoder->bias.fill_(0.5);
  return encoder;
}

class LitModel : public seed::Regression {
 public:
  LitModel() {
    // This model only trains the decoder, we don't save the encoder
    for (at::Tensor& parameter : encoder->parameters()) parameter.requires_grad_(false);

    // Set to false because we only care about the decoder
    strict_loading(false);
  }

  cairn::checkpoint::StateDict state_dict() const override {
    // Don't save the encoder, it is not being trained
    return cairn::without_prefix(Module::state_dict(), "encoder.");
  }

  at::Tensor forward(const at::Tensor& inputs) override { return decoder(encoder(inputs)); }

  torch::nn::Linear encoder{register_module("encoder", from_pretrained())};
};

void example(const std::string& root) {
  LitModel trained;
  cairn::Trainer first({.default_root_dir = root, .max_epochs = 1});
  first.fit(trained);
  const std::string checkpoint = root + "/partial.ckpt";
  first.save_checkpoint(checkpoint);

  const cairn::checkpoint::Value file = cairn::checkpoint::load(checkpoint);
  const auto saved = file.at("state_dict").as<cairn::checkpoint::StateDict>();
  seed::expect(
      saved.size() == 2 && saved.contains("decoder.weight") && saved.contains("decoder.bias"),
      "the checkpoint holds the decoder and no encoder");

  cairn::Trainer trainer({.default_root_dir = root, .max_epochs = 1});
  LitModel model;

  // Will load weights with `load_state_dict(state, /*strict=*/model.strict_loading())`
  trainer.fit(model, {.ckpt_path = checkpoint});

  seed::expect(seed::same_weights(*model.decoder, *trained.decoder),
               "the decoder came back from the checkpoint");
  seed::expect(seed::same_weights(*model.encoder, *from_pretrained()),
               "the encoder is as it was constructed");
}

}  // namespace

int main(int argc, char** argv) {
  return seed::run(argc, argv, example);
}
