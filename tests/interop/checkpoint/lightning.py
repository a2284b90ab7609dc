"""A real Lightning Trainer writes its checkpoint, C++ reads it and writes it again, and Lightning resumes from ours as from its own."""

import logging
import os
import sys

from support import OPTIMIZERS, Case, Net, as_json, torch, unittest

try:
    import pytorch_lightning as lightning
except ImportError:
    print("this Python has no pytorch_lightning")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)


class LitNet(lightning.LightningModule):
    def __init__(self, optimizer, width=8):
        super().__init__()
        self.save_hyperparameters()
        self.first = torch.nn.Linear(4, 8, bias=False)
        self.norm = torch.nn.BatchNorm1d(8)
        self.last = torch.nn.Linear(8, 2)

    forward = Net.forward

    def training_step(self, batch, index):
        return torch.nn.functional.mse_loss(self(batch[0]), batch[1])

    def configure_optimizers(self):
        optimizer = OPTIMIZERS[self.hparams.optimizer](self.parameters())
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)]


def loader():
    generator = torch.Generator().manual_seed(3)
    x, y = (torch.randn(20, size, generator=generator) for size in (4, 2))
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=5)


class Lightning(Case):
    def fit(self, name, epochs, ckpt_path=None):
        torch.manual_seed(1)
        module = LitNet(name)
        trainer = lightning.Trainer(
            max_epochs=epochs,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=self.folder,
        )
        trainer.fit(module, loader(), ckpt_path=ckpt_path)
        return trainer, module

    def test_cpp_reads_what_lightning_wrote(self):
        for name in OPTIMIZERS:
            with self.subTest(name):
                trainer, _ = self.fit(name, 1)
                trainer.save_checkpoint(self.path("lightning.ckpt"))
                dump = self.dump("lightning.ckpt")
                self.assertEqual(dump, as_json(self.load("lightning.ckpt")))
                self.assertEqual(dump["hyper_parameters"], {"optimizer": name, "width": 8})
                self.assertEqual(dump["global_step"], 4)

    def test_lightning_resumes_from_ours_as_from_its_own(self):
        for name in OPTIMIZERS:
            with self.subTest(name):
                trainer, _ = self.fit(name, 1)
                trainer.save_checkpoint(self.path("lightning.ckpt"))
                self.tool("train", self.url("lightning.ckpt"), self.path("ours.ckpt"), name)

                _, from_its_own = self.fit(name, 3, self.path("lightning.ckpt"))
                _, from_ours = self.fit(name, 3, self.path("ours.ckpt"))

                self.check_same(dict(from_ours.state_dict()), dict(from_its_own.state_dict()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
