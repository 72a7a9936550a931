"""What the authors' arrays are called, and where they go."""

import pytest

from ssagan_jax.checkpoints.torch import names
from ssagan_jax.checkpoints.torch.names import KERNEL, REST, Place


@pytest.mark.parametrize(("levels", "shallowest"), [(5, 1), (4, 2)])
def test_generators(levels, shallowest):
    table = names.generator_table(levels, spectral_norm=False)
    assert table["downConv1.weight"] == Place("params/down1/Conv_0/kernel", KERNEL)
    assert table[f"downConv{levels + 1}.weight"].path == "params/bottleneck/kernel"
    assert table[f"upConv{shallowest}.weight"].path == "params/up1/Conv_0/kernel"
    assert table["upConv6.weight"].path == "params/output/kernel"
    assert table["downBN2.running_var"].path == "batch_stats/down2/BatchNorm_0/var"
    assert f"up_attn_{levels}.gamma" in table and f"up_attn_{levels + 1}.gamma" not in table
    assert table["up_attn_1.gamma"].path == f"params/attention_decoder{levels}/gamma"


def test_spectral_norm_and_a_prefix():
    table = names.generator_table(5, spectral_norm=True, prefix="stage1/")
    assert "downConv1.weight" not in table
    assert table["downConv1.weight_v"] == Place(
        "spectral/stage1/down1/Conv_0/SpectralNorm_0/v", REST
    )


def test_discriminators():
    table = names.discriminator_table(5, spectral_norm=False)
    assert table["slice3.3.weight"].path == "params/down5/Conv_0/kernel"
    assert table["slice3.4.bias"].path == "params/down5/BatchNorm_0/bias"
    assert table["slice4.0.weight"].path == "params/output/kernel"
    assert "slice3.3.weight" not in names.discriminator_table(4, spectral_norm=False)
