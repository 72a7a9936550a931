"""Weights of networks, for the tests that need real ones."""

import pickle

import pytest

from ssagan_jax.metrics.pretrained import weight_files


@pytest.fixture(scope="session")
def metrics_folder(tmp_path_factory):
    """Converted weights of this test run, kept away from the user's own."""
    folder = tmp_path_factory.mktemp("metrics")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(weight_files.FOLDER_VARIABLE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def installed(metrics_folder):
    """A function: the weights of a network, or the test is skipped without its package."""

    def load(network):
        try:
            return weight_files.load_weights(network)
        except ImportError as error:
            pytest.skip(str(error))

    return load


@pytest.fixture
def package_weights(installed):
    """A function: the same as the package itself reads them, with an ordinary unpickler."""

    def load(network):
        installed(network)
        return pickle.loads(weight_files.locate_file(weight_files.SOURCES[network]).read_bytes())

    return load
